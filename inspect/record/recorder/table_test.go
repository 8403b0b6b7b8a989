//go:build linux

package recorder

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/engine"
	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/wire"
	"petrify/model"
)

var update = flag.Bool("update", false, "write the table of ARCHITECTURE.md")

// kinds are the kinds of writes that there are, each done by a program in a container.
var kinds = []struct {
	name   string
	script []string
	user   string
	path   string     // where it is to be seen
	acts   model.Acts // what has to be among the acts
	want   string     // other things that have to be so, as words of describeWrite
}{
	{"a file made", []string{"write /tmp/made x"}, "", "/tmp/made", model.Made | model.Stored, "file 1 program/root"},
	{"a file made and removed", []string{"write /tmp/transient x", "rm /tmp/transient"}, "", "/tmp/transient", model.Made | model.Removed, "gone program/root"},
	{"a file without a name (`O_TMPFILE`)", []string{"tmpfile /scratch x"}, "", "/scratch", model.Stored, "inside mount=/scratch program/root"},
	{"a lock directory", []string{"mkdir /run/lock.d", "rm /run/lock.d"}, "", "/run/lock.d", model.Made | model.Removed, "directory gone program/root"},
	{"a fifo made and removed", []string{"fifo /run/fifo", "rm /run/fifo"}, "", "/run/fifo", model.Made | model.Removed, "gone program/root"},
	{"a socket made and removed", []string{"socket /run/socket", "rm /run/socket"}, "", "/run/socket", model.Made | model.Removed, "gone program/root"},
	{"a write through `mmap`", []string{"mmapwrite /srv/tree/one abcd"}, "", "/srv/tree/one", model.Opened, "file program/root"},
	{"a rename over a file", []string{"write /etc/new x", "rename /etc/new /etc/app.conf"}, "", "/etc/app.conf", model.Made, "file program/root"},
	{"`chmod` with effect", []string{"chmod 600 /srv/tree/two"}, "", "/srv/tree/two", model.Set, "file program/root"},
	{"`chmod` without effect", []string{"chmod 644 /srv/tree/deep/three"}, "", "/srv/tree/deep/three", model.Set, "file program/root"},
	{"an append", []string{"append /srv/tree/one more"}, "", "/srv/tree/one", model.Stored, "file program/root"},
	{"an open for writing, without a write", []string{"open /etc/passwd"}, "", "/etc/passwd", model.Opened, "file program/root"},
	{"a write in a volume", []string{"write /data/kept x"}, "", "/data/kept", model.Made | model.Stored, "mount=/data program/root"},
	{"a write in a bind", []string{"write /host/shared x"}, "", "/host/shared", model.Made | model.Stored, "mount=/host program/root"},
	{"a write in a tmpfs", []string{"write /scratch/fast x"}, "", "/scratch/fast", model.Made | model.Stored, "mount=/scratch program/root"},
	{"a write by a child process", []string{`child "write /tmp/child x"`}, "", "/tmp/child", model.Made | model.Stored, "file"},
	{"a write by a user who is not root", []string{"write /home/app/own x"}, "1000", "/home/app/own", model.Made | model.Stored, "program/app"},
}

// What each kind of evidence sees of each kind of write: the table in
// ARCHITECTURE.md is what this test finds.
func TestWhatIsSeenOfEachKindOfWrite(t *testing.T) {
	r := record(t)
	host := container.HostConfig{Tmpfs: map[string]string{"/scratch": ""}, Binds: []string{sharedDir(t) + ":/host"}}
	free := enginetest.Start(t, enginetest.Container{Name: "free", Script: []string{"mkdir /home/app", "chown 1000 1000 /home/app", "hold"}, Host: host})
	host.ReadonlyRootfs = true
	locked := enginetest.Start(t, enginetest.Container{Name: "locked", Script: []string{"hold"}, Host: host})
	r.follow(free)
	r.follow(locked)
	r.untilRefusals(locked)
	for _, k := range kinds {
		// Who has ended before anybody could look is known by its program only.
		inside(t, free, k.user, append(slices.Clip(k.script), "sleep 100ms")...)
	}
	refused := map[string]bool{}
	for _, k := range kinds {
		refused[k.name] = try(t, locked, "", k.script...) != 0
	}
	writes := r.finish(free)
	changed := changesOf(t, r.api, free)

	var table bytes.Buffer
	fmt.Fprintln(&table, "| write | changes | recording | on a read-only root | refusals |\n|---|---|---|---|---|")
	for _, k := range kinds {
		w, found := writes[k.path]
		if !found {
			t.Errorf("%s: nothing was seen at %s", k.name, k.path)
			continue
		}
		said := describeWrite(w, r.by[free][k.path])
		if w.Acts&k.acts != k.acts {
			t.Errorf("%s: %s lacks acts: %s", k.name, k.path, said)
		}
		for word := range strings.FieldsSeq(k.want) {
			if !strings.Contains(" "+said+" ", " "+word+" ") {
				t.Errorf("%s: %s is no %s: %s", k.name, k.path, word, said)
			}
		}
		fmt.Fprintf(&table, "| %s | %s | who, when, how often | %s | %s |\n", k.name,
			word(changed[k.path] && len(w.Mount) == 0, "that it differs", "nothing"), word(refused[k.name], "it fails", "it works"), r.refusalOf(locked, k.script))
	}
	if r.lost > 0 {
		t.Errorf("%d events were lost", r.lost)
	}
	if !t.Failed() {
		compareTable(t, table.String())
	}
}

// refusalOf says what was told of the first path of a script that was refused.
func (r *testRecorder) refusalOf(id string, script []string) string {
	for _, word := range strings.Fields(strings.ReplaceAll(strings.Join(script, " "), `"`, " ")) {
		w, ok := r.writes[id][word]
		switch {
		case !ok || w.Refused == nil:
		case w.Refused.Err != model.ReadOnlyError || w.Acts != 0 || !strings.Contains("program root exe root", r.by[id][word]):
			r.t.Errorf("%s: %+v by %s", word, w.Refused, r.by[id][word])
		case w.Refused.Tries == w.Refused.Count:
			return "the call, as a try: " + w.Refused.Call + ", who, when, how often"
		default:
			return "the call: " + w.Refused.Call + ", who, when, how often"
		}
	}
	return "nothing"
}

func word(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// describeWrite says what is known of a write, in words that tests look for.
func describeWrite(w wire.Write, by string) string {
	words := []string{fmt.Sprintf("%05b", w.Acts), string(w.Type), fmt.Sprint(w.Bytes), strings.ReplaceAll(strings.TrimSpace(by), " ", "/")}
	if w.Gone {
		words = append(words, "gone")
	}
	if w.Inside > 0 {
		words = append(words, "inside")
	}
	if len(w.Mount) > 0 {
		words = append(words, "mount="+string(w.Mount))
	}
	return strings.Join(words, " ")
}

func changesOf(t *testing.T, api *client.Client, id string) map[string]bool {
	t.Helper()
	changes, err := engine.New(api, model.Engine{}).Changes(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, c := range changes {
		found[c.Path] = true
	}
	return found
}

const (
	tableBegins  = "<!-- what each kind of evidence sees: go test ./inspect/record/recorder -update -->\n"
	tableEnds    = "<!-- end of it -->\n"
	architecture = "../../../ARCHITECTURE.md"
)

func compareTable(t *testing.T, table string) {
	t.Helper()
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), tableBegins)
	old, tail, ends := strings.Cut(rest, tableEnds)
	if !found || !ends {
		t.Fatalf("%s has no place for the table", architecture)
	}
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is another one; -update writes it:\n%s", architecture, table)
	}
	if err := os.WriteFile(architecture, []byte(head+tableBegins+table+tableEnds+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A container that is followed before it starts is seen from its first program on.
func TestContainerThatStartsLater(t *testing.T) {
	for name, script := range map[string][]string{
		"one that stays":        {"write /tmp/first x", "rm /tmp/first", "mkdir /run/made", "write /scratch/early x", "hold"},
		"one that lives 200 ms": {"write /tmp/first x", "rm /tmp/first", "mkdir /run/made", "write /scratch/early x", "sleep 200ms"},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			id := enginetest.Start(t, enginetest.Container{
				Name: "later", Script: script, Created: true,
				Host: container.HostConfig{Tmpfs: map[string]string{"/scratch": ""}},
			})
			r.follow(id)
			if _, err := r.api.ContainerStart(t.Context(), id, client.ContainerStartOptions{}); err != nil {
				t.Fatal(err)
			}
			r.untilJoined(id)
			if script[len(script)-1] == "hold" {
				r.until("its last write", func() bool { return r.writes[id]["/run/made"].Count > 0 })
			} else {
				time.Sleep(time.Second)
				r.say(wire.Command{Ended: id})
			}
			writes := r.finish(id)
			early := r.joined[id].Early
			if !early {
				t.Error("it was not watched from its start on")
			}
			for path, acts := range map[string]model.Acts{"/tmp/first": model.Stored, "/run/made": model.Made} {
				w, ok := writes[path]
				if !ok || w.Acts&acts != acts {
					t.Errorf("%s: %s", path, describeWrite(w, r.by[id][path]))
				}
			}
			if w := writes["/tmp/first"]; !w.Gone || r.by[id]["/tmp/first"] != "program root" {
				t.Errorf("/tmp/first: %s", describeWrite(w, r.by[id]["/tmp/first"]))
			}
		})
	}
}

// What came and went before the recorder came is told by the directory that was
// copied up for it; what stayed is in the changes.
func TestWhatPassedBeforeIsFoundInTheLayer(t *testing.T) {
	r := record(t)
	id := enginetest.Run(t, "write /srv/tree/deep/lock x", "rm /srv/tree/deep/lock", "hold")
	r.follow(id)
	w := r.finish(id)["/srv/tree/deep"]
	if w.Inside != 1 || w.Acts != model.Made|model.Removed || w.Process != 0 {
		t.Errorf("/srv/tree/deep: %s", describeWrite(w, ""))
	}
}

// A container that runs is watched before the engine has said where it is; with that, what
// passed before is looked for as well.
func TestContainerThatIsOnlyKnownToRun(t *testing.T) {
	r := record(t)
	id := enginetest.Run(t, "write /srv/tree/deep/lock x", "rm /srv/tree/deep/lock", "hold")
	r.say(wire.Command{Follow: &wire.Follow{Container: strings.Repeat("0", idLength), Runs: true}}) // none such
	r.say(wire.Command{Follow: &wire.Follow{Container: id, Runs: true}})
	r.untilJoined(id)
	inside(t, id, "", "write /tmp/now x", "sleep 100ms")
	r.until("the write", func() bool { return r.writes[id]["/tmp/now"].Count > 0 })
	r.follow(id)
	writes := r.finish(id)
	if joined := r.joined[id]; joined.Early {
		t.Error("it is taken for one that was watched from its start on")
	}
	if w := writes["/srv/tree/deep"]; w.Inside != 1 || w.Acts != model.Made|model.Removed {
		t.Errorf("/srv/tree/deep: %s", describeWrite(w, ""))
	}
	if by := r.by[id]["/tmp/now"]; by != "program root" {
		t.Errorf("/tmp/now is by %q", by)
	}
}

// A container that is restarted is followed through it.
func TestRestart(t *testing.T) {
	r := record(t)
	id := enginetest.Run(t, "write /tmp/each x", "rm /tmp/each", "hold")
	r.follow(id)
	if _, err := r.api.ContainerStop(t.Context(), id, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	r.say(wire.Command{Ended: id})
	if _, err := r.api.ContainerStart(t.Context(), id, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	r.until("the second start", func() bool { return r.joined[id].Early && r.writes[id]["/tmp/each"].Count > 0 })
	if w := r.finish(id)["/tmp/each"]; !w.Gone {
		t.Errorf("/tmp/each: %s", describeWrite(w, ""))
	}
}

// untilRefusals waits until what a container is refused is watched.
func (r *testRecorder) untilRefusals(id string) {
	r.t.Helper()
	r.until("refusals to be watched", func() bool {
		j := r.joined[id]
		for _, spot := range j.Blind {
			if spot.Kind == model.BlindRefusals {
				r.t.Skipf("refused calls cannot be seen here: %s", spot.Detail)
			}
		}
		return j.Refusals
	})
}
