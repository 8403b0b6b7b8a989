package store

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

var began = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func recording(project, service, image string, paths ...string) *model.Recording {
	r := &model.Recording{
		Project: project, Service: service, ImageID: image,
		Sittings:  []model.Sitting{{Began: began, Ended: began.Add(time.Minute), Ran: time.Minute, Starts: 1}},
		Processes: []model.Process{{Command: "apache2", User: "www-data", UID: 33, PID: 7, Count: len(paths), Exec: true}},
	}
	for _, p := range paths {
		r.Writes = append(r.Writes, model.Write{Path: p, Acts: model.Made, Count: 1, Bytes: -1, First: began, Last: began, By: []int{0}})
	}
	slices.SortFunc(r.Writes, model.CompareWrites)
	return r
}

func save(t *testing.T, s *Store, r *model.Recording) {
	t.Helper()
	if _, err := s.Save(r); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, s *Store) string {
	t.Helper()
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range all {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %d", r.Project, r.Service, r.ImageID, model.DurationText(r.Sum().Ran), len(r.Writes)))
	}
	return strings.Join(lines, "\n")
}

func TestSaveJoins(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "state"))
	if got := list(t, s); got != "" {
		t.Errorf("an empty store holds %s", got)
	}
	save(t, s, recording("shop", "web", "one", "/tmp/\xffname\x1b[31m", "/run/pid"))
	save(t, s, recording("shop", "web", "one", "/run/pid", "/run/other"))
	save(t, s, recording("shop", "web", "two", "/run/pid"))
	save(t, s, recording("other", "web", "one", "/run/pid"))
	want := "other web one 1 min 0 s 1\nshop web one 2 min 0 s 3\nshop web two 1 min 0 s 1"
	if got := list(t, s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	kept, err := s.Project("shop")
	if err != nil || kept[0].Find("/tmp/\xffname\x1b[31m") == nil { // the first is of the image "one"
		t.Errorf("%v: a name that is no text was not kept", err)
	}
	if removed, err := s.Clear("shop", "nobody"); removed != 0 || err != nil {
		t.Errorf("%d, %v", removed, err)
	}
	if removed, err := s.Clear("shop", "web"); removed != 2 || err != nil {
		t.Errorf("%d, %v", removed, err)
	}
	if got := list(t, s); got != "other web one 1 min 0 s 1" {
		t.Errorf("left are %s", got)
	}
}

func TestOnlyTheUserMayRead(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "state"))
	save(t, s, recording("shop", "web", "one"))
	dir, err := os.Stat(s.folder.Dir)
	if err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("%v: %v", err, dir.Mode())
	}
	files, err := s.folder.Files()
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %v", err, files)
	}
	if file, err := os.Stat(files[0]); err != nil || file.Mode().Perm() != 0o600 {
		t.Errorf("%v: %v", err, file.Mode())
	}
}

func TestBrokenFilesHinderNoOthers(t *testing.T) {
	s := Open(t.TempDir())
	save(t, s, recording("shop", "web", "one"))
	newer, err := encode(recording("shop", "db", "one"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"broken": []byte("no gzip"), "short": newer[:len(newer)/2]} {
		if err := os.WriteFile(filepath.Join(s.folder.Dir, name+ending), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.All()
	if len(all) != 1 {
		t.Errorf("%d recordings", len(all))
	}
	if err == nil || !strings.Contains(err.Error(), "broken"+ending) || !strings.Contains(err.Error(), "short"+ending) || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("%v", err)
	}
}

func TestManyPathsAreFolded(t *testing.T) {
	var paths []string
	for i := range mostPaths {
		paths = append(paths, fmt.Sprintf("/var/cache/busy/f%05d", i))
	}
	for i := range 100 {
		paths = append(paths, fmt.Sprintf("/srv/calm%d/file", i))
	}
	s := Open(t.TempDir())
	save(t, s, recording("shop", "web", "one", paths...))
	kept, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	if len(kept[0].Writes) != 101 {
		t.Errorf("%d paths are kept", len(kept[0].Writes))
	}
	busy := kept[0].Find("/var/cache/busy")
	if busy == nil || busy.Inside != mostPaths || busy.Count != mostPaths {
		t.Errorf("%v", busy)
	}
}

func FuzzDecode(f *testing.F) {
	whole, err := encode(recording("shop", "web", "one", "/tmp/x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte("no gzip"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := decode(bytes.NewReader(content))
		if err != nil {
			return
		}
		e := r.Evidence(func(model.Write) bool { return false })
		for i := range e.Writes {
			e.Who(&e.Writes[i]) // must not reach beyond the processes
		}
		if _, err := encode(r); err != nil {
			t.Error(err)
		}
	})
}

// A file of a newer petrify holds what this one does not understand.
func TestNewerFilesAreNeverReplaced(t *testing.T) {
	s := Open(t.TempDir())
	r := recording("shop", "web", "one", "/tmp/x")
	save(t, s, r)
	newer := packed(t, fmt.Sprintf(`{"version":%d,"project":"shop","service":"web","image":"one"}`, version+1))
	if err := os.WriteFile(s.file(r), newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(r); err == nil || !strings.Contains(err.Error(), "update this one") {
		t.Errorf("%v", err)
	}
	if now, err := os.ReadFile(s.file(r)); err != nil || !bytes.Equal(now, newer) {
		t.Errorf("%v: the file is another one", err)
	}
}

// Version 1 kept sums, of which nobody knows whether one sitting was thorough.
func TestSumsOfVersion1(t *testing.T) {
	old := packed(t, `{"version":1,"project":"shop","service":"web","image":"one","began":"2026-11-24T12:00:00Z",
		"ended":"2026-11-24T12:10:00Z","took":600000000000,"starts":1,"blind":["the mount at /x: denied"],"writes":[{"path":"L3RtcA==","count":1}]}`)
	r, err := decode(bytes.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Sittings) != 1 || r.Sittings[0].Thorough() || r.Sum().Starts != 1 || len(r.Writes) != 1 ||
		r.Sittings[0].Blind[0].String() != "the mount at /x: denied" {
		t.Errorf("%+v", r)
	}
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatWasRefusedIsKept(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "state"))
	r := recording("shop", "web", "one", "/run/pid")
	r.Sittings[0].Refusals = true
	r.Writes[0].Refused = 3
	r.Writes[0].Refusal = model.Refusal{Tries: 1, Acts: model.Made, Err: model.ReadOnlyError, Call: "openat", Last: began}
	save(t, s, r)
	all, err := s.All()
	if err != nil || len(all) != 1 || !all[0].Sittings[0].Refusals || all[0].Writes[0].Refused != 3 || all[0].Writes[0].Refusal != r.Writes[0].Refusal {
		t.Errorf("%v: %+v", err, all)
	}
}
