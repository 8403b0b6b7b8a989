package proofs

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

var began = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func sample() *model.Trial {
	e := model.Evidence{
		From: []model.Source{model.FromRecording}, Root: []model.Change{{Path: "/run/\xff", Kind: model.Added}},
		Writes:    []model.Write{{Path: "/run/\xff", Acts: model.Made, Count: 1, By: []int{0}, First: began, Last: began}},
		Processes: []model.Process{{Command: "app", Line: "app --password=hunter2"}},
	}
	run := model.Run{
		Began: began, Took: time.Second, Evidence: e, Log: []string{"the password is hunter2"},
		Steps: []model.TrialStep{{Kind: model.StartStep}, {Kind: model.ExerciseStep, What: "curl -u hunter2 localhost", Answer: "hunter2"}},
	}
	return &model.Trial{
		Project: "shop", Service: "web", ImageID: "sha256:web", Definition: "abc", Began: began, Took: 41 * time.Second,
		Plan:     model.Plan{Service: "web", Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20}}},
		Options:  model.TrialOptions{Exercise: []model.Exercise{{Service: "web", Command: []string{"curl", "-u", "hunter2"}}}},
		Baseline: run, Rounds: []model.Round{{Run: run, Mended: []model.Mending{{Target: "/run", Kind: model.MountAdded, Why: "x"}}}},
		Result: model.TrialProved, Tolerated: e.Writes,
	}
}

func TestTrialsComeBack(t *testing.T) {
	s := Open(t.TempDir())
	if got := s.Project("shop"); len(got) != 0 {
		t.Errorf("an empty store has %v", got)
	}
	for _, trial := range []*model.Trial{sample(), {Project: "other", Service: "web", Result: model.TrialFailed}} {
		if err := s.Save(trial); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Project("shop")
	if len(got) != 1 {
		t.Fatalf("%d trials", len(got))
	}
	before, now := sample(), got[0]
	if now.String() != before.String() || !now.Plan.SameMounts(&before.Plan) || now.Baseline.Evidence.Root[0] != before.Baseline.Evidence.Root[0] {
		t.Errorf("got %s\n%s", now, &now.Baseline.Evidence)
	}
	// The one after it counts, unless somebody stopped it.
	stopped, failed := sample(), sample()
	stopped.Result, failed.Result = model.TrialUnfinished, model.TrialFailed
	for _, test := range []struct {
		trial *model.Trial
		want  model.TrialResult
	}{{stopped, model.TrialProved}, {failed, model.TrialFailed}} {
		if err := s.Save(test.trial); err != nil {
			t.Fatal(err)
		}
		if got := s.Project("shop"); len(got) != 1 || got[0].Result != test.want {
			t.Errorf("after %s: %v", test.trial.Result, got)
		}
	}
}

func TestSecretsAreNotKept(t *testing.T) {
	dir := t.TempDir()
	if err := Open(dir).Save(sample()); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", *Open(dir).Project("shop")[0]); strings.Contains(text, "hunter2") {
		t.Errorf("a secret is kept in %s", text)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := file.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v: %v", err, info.Mode())
		}
	}
	if trial := sample(); len(trial.Options.Exercise[0].Command) != 3 || trial.Baseline.Log == nil {
		t.Error("the trial itself was changed")
	}
}

func TestManyPathsAreFolded(t *testing.T) {
	trial := sample()
	e := &trial.Baseline.Evidence
	e.Writes, e.Root = nil, nil
	for i := range 2 * mostPaths {
		w := model.Write{Path: fmt.Sprintf("/data/%06d", i), Acts: model.Made, Count: 1}
		e.Writes, e.Root = append(e.Writes, w), append(e.Root, w.Change())
	}
	s := Open(t.TempDir())
	if err := s.Save(trial); err != nil {
		t.Fatal(err)
	}
	got := s.Project("shop")[0].Baseline.Evidence
	if len(got.Writes) > mostPaths || len(got.Root) > mostPaths || len(got.Writes) == 0 {
		t.Errorf("%d writes, %d changes", len(got.Writes), len(got.Root))
	}
}

func TestNewerTrialsAreLeftAlone(t *testing.T) {
	s := Open(t.TempDir())
	var newer bytes.Buffer
	packed := gzip.NewWriter(&newer)
	if err := gob.NewEncoder(packed).Encode(document{Version: version + 1, Trial: *sample()}); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	path := s.folder.Path("shop", "web", "sha256:web")
	if err := s.folder.Replace(path, newer.Bytes()); err != nil {
		t.Fatal(err)
	}
	if got := s.Project("shop"); len(got) != 0 {
		t.Errorf("a newer trial was read: %v", got)
	}
	if err := s.Save(sample()); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, newer.Bytes()) {
		t.Errorf("%v: the newer trial was replaced", err)
	}
}

func FuzzDecode(f *testing.F) {
	var whole bytes.Buffer
	packed := gzip.NewWriter(&whole)
	if err := gob.NewEncoder(packed).Encode(document{version, *sample()}); err != nil {
		f.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Fuzz(func(_ *testing.T, content []byte) { _, _ = decode(bytes.NewReader(content)) })
}
