package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

var began = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func recording(project, service, image string, paths ...string) *model.Recording {
	r := &model.Recording{
		Project: project, Service: service, ImageID: image, Began: began, Ended: began.Add(time.Minute), Took: time.Minute, Starts: 1,
		Processes: []model.Process{{Command: "apache2", User: "www-data", UID: 33, PID: 7, Count: len(paths)}},
	}
	for _, p := range paths {
		r.Writes = append(r.Writes, model.Written{Path: p, Acts: model.Made, Count: 1, Bytes: -1, First: began, Last: began, By: []int{0}})
	}
	sortWrites(r.Writes)
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
		lines = append(lines, fmt.Sprintf("%s %s %s %s %d", r.Project, r.Service, r.ImageID, r.Lasted(), len(r.Writes)))
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
	dir, err := os.Stat(s.dir)
	if err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("%v: %v", err, dir.Mode())
	}
	files, err := s.files()
	if err != nil || len(files) != 1 || files[0].Mode().Perm() != 0o600 {
		t.Errorf("%v: %v", err, files)
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
		if err := os.WriteFile(filepath.Join(s.dir, name+ending), content, 0o600); err != nil {
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
		for i := range r.Writes {
			r.Who(&r.Writes[i]) // must not reach beyond the processes
		}
		if _, err := encode(r); err != nil {
			t.Error(err)
		}
	})
}
