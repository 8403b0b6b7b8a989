package engine

import (
	"archive/tar"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"petrify/model"
)

// sketchFacts writes facts one a line, by path.
func sketchFacts(facts model.Facts) string {
	var lines []string
	for _, p := range slices.Sorted(maps.Keys(facts)) {
		lines = append(lines, fmt.Sprintf("%+q %s", p, sketchFact(facts[p])))
	}
	return strings.Join(lines, "\n")
}

func sketchFact(f model.ImagePath) string {
	if !f.Known {
		return "unknown, at " + f.Real
	}
	words := []string{"none"}
	if f.Exists {
		words[0] = "ships"
	}
	if f.Type != "" {
		words = append(words, fmt.Sprintf("%s %04o %d:%d", f.Type, f.Mode, f.UID, f.GID))
	}
	if f.Link != "" {
		words = append(words, "-> "+f.Link)
	}
	switch {
	case f.HasFiles:
		words = append(words, "with files")
	case f.HasContent:
		words = append(words, "with folders")
	}
	if f.Placeholder {
		words = append(words, "with a placeholder")
	}
	if f.Bounded {
		words = append(words, "bounded")
	}
	return strings.Join(words, " ") + ", at " + f.Real
}

// containerOf is a stand-in whose container holds an archive's files, in the
// notation of packed; directories are packed with all below them. It counts
// how often each path was asked for.
func containerOf(t *testing.T, lines ...string) (*Engine, map[string]int) {
	t.Helper()
	name := func(line string) string {
		line, _, _ = strings.Cut(line, " -> ")
		line, _, _ = strings.Cut(line, "=")
		return "/" + strings.TrimSuffix(line, "/")
	}
	var mu sync.Mutex
	asked := make(map[string]int)
	return standIn(t, answers{"/containers/x/archive": func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.Query().Get("path")
		mu.Lock()
		asked[p]++
		mu.Unlock()
		var found []string
		for _, line := range lines {
			if at := name(line); at == p || strings.HasPrefix(at, p+"/") {
				found = append(found, strings.TrimPrefix("/"+line, path.Dir(p)+"/"))
			}
		}
		if len(found) == 0 {
			text(404, `{"message":"Could not find the file `+p+` in container x"}`)(w, r)
			return
		}
		for i := range found {
			found[i] = strings.TrimPrefix(found[i], "/")
		}
		w.Header().Set("X-Docker-Container-Path-Stat", base64.StdEncoding.EncodeToString([]byte(`{"name":"f"}`)))
		w.Write([]byte(packed(t, found...)))
	}}), asked
}

func TestFacts(t *testing.T) {
	e, _ := containerOf(t,
		"run/", "run/lock/", "run/app/", "run/app/pid=1", "var/", "var/run -> /run", "var/loop -> loop2", "var/loop2 -> /var/loop",
		"var/log/", "var/log/app/", "var/log/app/new.log=x", "var/log/old.log=x",
		"srv/", "srv/code/", "srv/code/a.php=x", "srv/only/", "srv/only/gone2/", "srv/only/gone2/x=x",
		"data/", "data/db=x", "cfg/", "cfg/host.conf=x", "made/", "made/link -> /srv",
		"deep/", "deep/up -> ../srv/code", "scratch/", "scratch/shipped=x",
	)
	c := model.Container{ID: "x", Mounts: []model.Mount{
		{Kind: model.Volume, Target: "/data"},
		{Kind: model.Bind, Target: "/cfg"},
		{Kind: model.Tmpfs, Target: "/scratch"},
	}}
	changes := []model.Change{
		{Path: "/run", Kind: model.Modified},
		{Path: "/run/app", Kind: model.Added},
		{Path: "/run/app/pid", Kind: model.Added},
		{Path: "/var/log/app/new.log", Kind: model.Added},
		{Path: "/srv/only", Kind: model.Modified},
		{Path: "/srv/only/gone", Kind: model.Deleted},
		{Path: "/srv/only/gone2", Kind: model.Added},
		{Path: "/made", Kind: model.Added},
		{Path: "/made/link", Kind: model.Added},
	}
	paths := []string{
		"/", "/run", "/run/app", "/run/lock", "/run/nothing", "/var/run", "/var/run/app/pid", "/var/run/", "/var/loop", "/var/loop/x",
		"/var/log/app", "/srv", "/srv/only", "/srv/only/gone", "/srv/only/gone/below", "/srv/only/gone2", "/data", "/data/db", "/data/none",
		"/cfg", "/cfg/host.conf", "/made/link", "/made/link/code", "/deep/up", "/deep/up/a.php", "/scratch", "/never/was", "/srv/\uFFFD",
	}
	facts, err := e.Facts(t.Context(), c, model.Image{ID: "sha256:1"}, paths, changes)
	if err != nil {
		t.Fatal(err)
	}
	want := `
"/" ships directory 0755 0:0 with files, at /
"/cfg" unknown, at /cfg
"/cfg/host.conf" unknown, at /cfg/host.conf
"/data" ships directory 0644 0:0 with files bounded, at /data
"/data/db" ships file 0644 0:0 bounded, at /data/db
"/data/none" none bounded, at /data/none
"/deep/up" ships symlink 0644 0:0 -> ../srv/code with files, at /srv/code
"/deep/up/a.php" ships file 0644 0:0, at /srv/code/a.php
"/made/link" none symlink 0644 0:0 -> /srv, at /made/link
"/made/link/code" none, at /made/link/code
"/never/was" none, at /never/was
"/run" ships directory 0644 0:0 with folders, at /run
"/run/app" none directory 0644 0:0, at /run/app
"/run/lock" ships directory 0644 0:0, at /run/lock
"/run/nothing" none, at /run/nothing
"/scratch" ships directory 0644 0:0 with files, at /scratch
"/srv" ships directory 0644 0:0 with files, at /srv
"/srv/code" ships directory 0644 0:0 with files, at /srv/code
"/srv/only" ships directory 0644 0:0 with files, at /srv/only
"/srv/only/gone" ships with files bounded, at /srv/only/gone
"/srv/only/gone/below" unknown, at /srv/only/gone/below
"/srv/only/gone2" none directory 0644 0:0, at /srv/only/gone2
"/srv/\ufffd" unknown, at /srv/` + "\uFFFD" + `
"/var/log/app" ships directory 0644 0:0, at /var/log/app
"/var/loop" ships symlink 0644 0:0 -> loop2, at /var/loop
"/var/loop/x" unknown, at /var/loop/x
"/var/run" ships symlink 0644 0:0 -> /run, at /run
"/var/run/" ships symlink 0644 0:0 -> /run, at /run
"/var/run/app/pid" none file 0644 0:0, at /run/app/pid`
	want = strings.ReplaceAll(want[1:], "-> ../srv/code with files", "-> ../srv/code")
	if got := sketchFacts(facts); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// A file that only keeps a directory in the image is no content, whether it is there or
// was cleared away with what lay beside it.
func TestPlaceholdersAreNoContent(t *testing.T) {
	page := strings.Repeat("<p>stones", 40)
	e, _ := containerOf(t,
		"a/", "a/keep/", "a/keep/.gitkeep=", "a/hidden/", "a/hidden/index.html=<html></html>", "a/page/", "a/page/index.html="+page,
		"a/both/", "a/both/.gitignore=*", "a/both/code.php=x", "a/folders/", "a/folders/one/", "a/folders/one/.keep=",
		"a/cleared/", "home/", "home/app/", "home/app/.bashrc=x", "home/app/.profile=x",
	)
	changes := []model.Change{{Path: "/a/cleared/.gitkeep", Kind: model.Deleted}}
	facts, err := e.Facts(t.Context(), model.Container{ID: "x"}, model.Image{ID: "sha256:1"}, []string{
		"/a/keep", "/a/hidden", "/a/page", "/a/both", "/a/folders", "/a/cleared", "/home/app",
	}, changes)
	if err != nil {
		t.Fatal(err)
	}
	const want = `"/a/both" ships directory 0644 0:0 with files with a placeholder, at /a/both
"/a/cleared" ships directory 0644 0:0, at /a/cleared
"/a/folders" ships directory 0644 0:0 with folders, at /a/folders
"/a/hidden" ships directory 0644 0:0 with a placeholder, at /a/hidden
"/a/keep" ships directory 0644 0:0 with a placeholder, at /a/keep
"/a/page" ships directory 0644 0:0 with files, at /a/page
"/home/app" ships directory 0644 0:0 with a placeholder, at /home/app`
	if got := sketchFacts(facts); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// What one container shows of an image is not asked of the next one; what it
// changed is.
func TestFactsAreSharedByContainersOfAnImage(t *testing.T) {
	e, asked := containerOf(t, "srv/", "srv/app/", "srv/app/code=x", "srv/app/made=x")
	ask := func(image string, changes ...model.Change) string {
		t.Helper()
		facts, err := e.Facts(t.Context(), model.Container{ID: "x"}, model.Image{ID: image}, []string{"/srv/app", "/srv/app/made"}, changes)
		if err != nil {
			t.Fatal(err)
		}
		return sketchFacts(facts) + fmt.Sprint(" after asking ", asked["/srv"], asked["/srv/app"], asked["/srv/app/made"])
	}
	const dir = `"/srv/app" ships directory 0644 0:0 with files, at /srv/app` + "\n" + `"/srv/app/made" `
	for _, step := range []struct{ got, want string }{
		{ask("one", model.Change{Path: "/srv/app/made", Kind: model.Added}), dir + "none file 0644 0:0, at /srv/app/made after asking 1 1 1"},
		{ask("one"), dir + "ships file 0644 0:0, at /srv/app/made after asking 1 1 2"},
		{ask("one"), dir + "ships file 0644 0:0, at /srv/app/made after asking 1 1 2"},
		{ask("two"), dir + "ships file 0644 0:0, at /srv/app/made after asking 2 2 3"},
	} {
		if step.got != step.want {
			t.Errorf("got:\n%s\nwant:\n%s", step.got, step.want)
		}
	}
}

// A volume through a link is found where it really is.
func TestFactsOfAVolumeBehindALink(t *testing.T) {
	e, _ := containerOf(t, "run/", "run/db/", "run/db/sock=x", "var/", "var/run -> /run")
	c := model.Container{ID: "x", Mounts: []model.Mount{{Kind: model.Volume, Target: "/var/run/db"}}}
	facts, err := e.Facts(t.Context(), c, model.Image{ID: "1"}, []string{"/run/db", "/run"}, []model.Change{{Path: "/run/db", Kind: model.Added}})
	if err != nil {
		t.Fatal(err)
	}
	want := `"/run" ships directory 0644 0:0, at /run` + "\n" + `"/run/db" none directory 0644 0:0, at /run/db`
	if got := sketchFacts(facts); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// A name that is not UTF-8 is listed in other letters than it has in an archive, and in
// the same where the layer was read.
func TestFactsOfNamesThatAreNotUTF8(t *testing.T) {
	for _, test := range []struct{ tmp, opt string }{{"/tmp/bad\uFFFD\uFFFD", "/opt/bad\uFFFD"}, {"/tmp/bad\xff\xfe", "/opt/bad\xff"}} {
		e, _ := containerOf(t, "tmp/", "tmp/bad\xff\xfe=x", "opt/", "opt/bad\xff=x", "opt/bad\xfe=shipped")
		facts, err := e.Facts(t.Context(), model.Container{ID: "x"}, model.Image{ID: "sha256:1"}, []string{"/tmp", "/opt"}, []model.Change{
			{Path: "/tmp", Kind: model.Modified},
			{Path: test.tmp, Kind: model.Added},
			{Path: "/opt", Kind: model.Modified},
			{Path: test.opt, Kind: model.Added},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := `"/opt" ships directory 0644 0:0 with files, at /opt
"/tmp" ships directory 0644 0:0, at /tmp`
		if got := sketchFacts(facts); got != want {
			t.Errorf("%q: got\n%s\nwant\n%s", test.tmp, got, want)
		}
	}
}

func TestFactsReadNoFurtherThanTheyMust(t *testing.T) {
	lines := []string{"big/"}
	var changes []model.Change
	for i := range maxEntries + 1 {
		name := fmt.Sprintf("big/%06d", i)
		lines = append(lines, name+"=")
		changes = append(changes, model.Change{Path: "/" + name, Kind: model.Added})
	}
	e, _ := containerOf(t, lines...)
	facts, err := e.Facts(t.Context(), model.Container{ID: "x"}, model.Image{ID: "1"}, []string{"/big"}, changes)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sketchFacts(facts), `"/big" ships directory 0644 0:0 with files bounded, at /big`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestFactsOfAContainerThatIsGone(t *testing.T) {
	e := standIn(t, answers{"/containers/x/archive": text(404, `{"message":"No such container: x"}`)})
	_, err := e.Facts(t.Context(), model.Container{ID: "x"}, model.Image{}, []string{"/run"}, nil)
	if !IsGone(err) {
		t.Errorf("got %v", err)
	}
}

// Whatever an archive holds, its entries stay below the directory.
func FuzzArchiveOfADirectory(f *testing.F) {
	f.Add("srv/tree", packed(f, "tree/", "tree/one=x", "tree/../../etc/passwd=x"))
	f.Add("run", packed(f, "run/", "run/a -> ../../x"))
	f.Add("a", strings.Repeat("no archive ", 100))
	f.Fuzz(func(t *testing.T, dir, archive string) {
		dir = path.Clean("/" + dir)
		v := newView(&Engine{}, "x", "1", []model.Change{{Path: path.Join(dir, "one"), Kind: model.Added}})
		files := tar.NewReader(strings.NewReader(archive))
		var s seen
		if v.contentOf(&s, dir, files); s.bounded && !s.files || s.files && !s.content {
			t.Error("what was not read must be assumed, and files are content")
		}
		files = tar.NewReader(strings.NewReader(archive))
		for {
			header, err := files.Next()
			if err != nil {
				return
			}
			if p, ok := inside(dir, header.Name); ok && !strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/") {
				t.Errorf("%q in the archive of %q is taken for %q", header.Name, dir, p)
			}
		}
	})
}
