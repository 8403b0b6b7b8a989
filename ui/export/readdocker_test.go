package export

import (
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/docker/cli/opts"                  //nolint:depguard // what docker run reads --mount with
	engine "github.com/moby/moby/api/types/mount" //nolint:depguard // what it makes of it
	"github.com/spf13/pflag"

	"petrify/model"
)

// runShell gives a script to a shell in which docker prints its arguments, and
// returns them by call.
func runShell(t testing.TB, script string) [][]string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to read shell commands with")
	}
	cmd := exec.CommandContext(t.Context(), bash, "--noprofile", "--norc")
	cmd.Stdin = strings.NewReader("docker() { printf '%s\\0' \"$#\" \"$@\"; }\n" + script)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "x=REPLACED", "y=REPLACED", "LC_ALL=C.UTF-8"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, script)
	}
	var calls [][]string
	for words := strings.Split(string(out), "\x00"); len(words) > 1; {
		n, err := strconv.Atoi(words[0])
		if err != nil || n+1 > len(words) {
			t.Fatalf("a shell made %q of\n%s", out, script)
		}
		calls = append(calls, words[1:n+1])
		words = words[n+1:]
	}
	return calls
}

// dockerRun are the flags of docker run that are written.
type dockerRun struct {
	readOnly, detach           bool
	name, user, workdir, entry string
	tmpfs, volumes, ports, env []string
	mounts                     opts.MountOpt
	words                      []string
}

func parseDockerRun(t testing.TB, args []string) dockerRun {
	t.Helper()
	var r dockerRun
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	set.SetInterspersed(false)
	set.BoolVarP(&r.detach, "detach", "d", false, "")
	set.BoolVar(&r.readOnly, "read-only", false, "")
	set.StringVar(&r.name, "name", "", "")
	set.StringVarP(&r.user, "user", "u", "", "")
	set.StringVarP(&r.workdir, "workdir", "w", "", "")
	set.StringVar(&r.entry, "entrypoint", "", "")
	set.StringArrayVar(&r.tmpfs, "tmpfs", nil, "")
	set.StringArrayVarP(&r.volumes, "volume", "v", nil, "")
	set.StringArrayVarP(&r.ports, "publish", "p", nil, "")
	set.StringArrayVarP(&r.env, "env", "e", nil, "")
	set.Var(&r.mounts, "mount", "")
	if len(args) == 0 || args[0] != "run" {
		t.Fatalf("not docker run: %q", args)
	}
	if err := set.Parse(args[1:]); err != nil {
		t.Fatalf("%v: %q", err, args)
	}
	r.words = set.Args()
	return r
}

func readDockerRun(t testing.TB, text string, services []string) map[string][]seen {
	t.Helper()
	calls := runShell(t, text)
	if len(calls) != len(services) {
		t.Fatalf("%d commands for %d services\n%s", len(calls), len(services), text)
	}
	found := map[string][]seen{}
	for i, call := range calls {
		r := parseDockerRun(t, call)
		if !r.readOnly || !r.detach || len(r.words) == 0 {
			t.Errorf("not a read-only run of an image: %q", call)
		}
		all := []seen{}
		for _, text := range r.tmpfs {
			target, options, _ := strings.Cut(text, ":")
			all = append(all, readOptions(t, target, options))
		}
		for _, text := range r.volumes {
			name, target, _ := strings.Cut(text, ":")
			all = append(all, seen{kind: model.Volume, target: target, volume: name})
		}
		for _, m := range r.mounts.Value() {
			s := seen{kind: model.MountKind(m.Type), target: m.Target, volume: m.Source}
			if m.Type == engine.TypeTmpfs {
				s.size, s.mode = m.TmpfsOptions.SizeBytes, uint32(m.TmpfsOptions.Mode)
			}
			all = append(all, s)
		}
		found[services[i]] = all
	}
	return found
}

func readJSON(t testing.TB, text string, _ []string) map[string][]seen {
	t.Helper()
	var doc document
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string][]seen{}
	for _, p := range doc.Plans {
		found[p.Service] = []seen{}
		for _, m := range p.Mounts {
			if strings.Contains(m.Target, "\uFFFD") {
				continue // it had no text
			}
			s := seen{kind: m.Kind, target: m.Target, volume: m.Volume}
			if m.Tmpfs != nil {
				mode, err := strconv.ParseUint(m.Tmpfs.Mode, 8, 32)
				if err != nil {
					t.Error(err)
				}
				s.mode, s.uid, s.gid, s.size, s.exec = uint32(mode), m.Tmpfs.UID, m.Tmpfs.GID, m.Tmpfs.Size, m.Tmpfs.Exec
			}
			found[p.Service] = append(found[p.Service], s)
		}
	}
	return found
}
