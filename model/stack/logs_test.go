package stack

import (
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
)

// searched lays a service whose root is read-only over the lines of its log.
func searched(adapt func(*model.Declared, *model.Container), lines ...string) *model.Service {
	d := model.Declared{Name: "app", ReadOnly: true, Replicas: 1, Image: "app"}
	c := modeltest.Running("app", 1)
	c.ReadOnly, c.WorkingDir = true, "/srv/app"
	if adapt != nil {
		adapt(&d, &c)
	}
	var search model.LogSearcher
	for i, line := range lines {
		search.Add(model.LogLine{At: modeltest.Start.Add(time.Duration(i) * time.Second), Text: line})
	}
	found := search.Found()
	found.Taken = modeltest.Start.Add(time.Minute)
	s := Lay(model.Observation{
		Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{d}}, Containers: []model.Container{c},
		Changes: map[string]model.Changes{c.ID: modeltest.After(time.Minute)},
		Logs:    map[string]model.LogSearch{c.ID: found},
	}, nil)
	return &s.Services[0]
}

func blocked(s *model.Service) string {
	return strings.ReplaceAll(strings.TrimSpace(modeltest.Lines(s.Verdict.Blocked)), "\n", ", ")
}

func TestReadOnlyServiceTellsWhatItWasRefused(t *testing.T) {
	s := searched(nil,
		"Error: EROFS: read-only file system, mkdir '/app/cache'", "Error: EROFS: read-only file system, mkdir '/app/cache'",
		"touch: cannot touch 'state': Read-only file system", "cat: /etc/shadow: Permission denied")
	if s.Verdict.Outcome != model.IsReadOnly || s.Verdict.Reason != "runs read-only, and was refused 2 writes" || blocked(s) != "A /app/cache, A /srv/app/state" {
		t.Error(s.Verdict)
	}
	if !s.Evidence.Has(model.FromLogs) || s.Evidence.Find("/app/cache").Refused != 2 {
		t.Error(s.Evidence.String())
	}
	if !strings.HasSuffix(s.Verdict.Evidence, "; its log") {
		t.Errorf("evidence: %s", s.Verdict.Evidence)
	}
}

// What a mount takes by now is not refused any more; what a mount refuses is.
func TestMountsAndRefusals(t *testing.T) {
	taken := searched(func(d *model.Declared, _ *model.Container) {
		d.Mounts = []model.Mount{{Kind: model.Tmpfs, Target: "/run"}}
	}, `could not create lock file "/var/run/x.lock": Read-only file system`)
	if len(taken.Verdict.Blocked) != 0 {
		t.Error(taken.Verdict)
	}
	refused := searched(func(d *model.Declared, c *model.Container) {
		d.Mounts = []model.Mount{{Kind: model.Bind, Source: "/src", Target: "/app", ReadOnly: true}}
		c.Mounts = d.Mounts
	}, "mkdir: cannot create directory '/app/x': Read-only file system")
	if blocked(refused) != "A /app/x" {
		t.Error(refused.Verdict)
	}
}

func TestLogWithoutPathsIsABlindSpot(t *testing.T) {
	s := searched(nil, "java.nio.file.ReadOnlyFileSystemException", "java.nio.file.ReadOnlyFileSystemException")
	if len(s.Verdict.Blocked) != 0 || !strings.Contains(s.Verdict.Reason, "2 refused writes without a path") {
		t.Error(s.Verdict)
	}
	if len(s.Verdict.Blind) != 1 || s.Verdict.Blind[0].Kind != model.BlindLogPaths || !strings.Contains(s.Verdict.Blind[0].String(), "ReadOnlyFileSystemException") {
		t.Errorf("blind to %v", s.Verdict.Blind)
	}
}

func TestQuietLogIsNoEvidence(t *testing.T) {
	s := searched(nil, "ready")
	if s.Evidence.Has(model.FromLogs) || s.Verdict.Reason != "its root is read-only" || len(s.Verdict.Blind) != 0 {
		t.Error(s.Verdict)
	}
}

// A second search is laid, and an unchanged one is taken over.
func TestNewSearchIsLaid(t *testing.T) {
	s := searched(nil)
	o := model.Observation{
		Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{*s.Declared}}, Containers: s.Containers,
		Logs: map[string]model.LogSearch{"app1": {Taken: modeltest.Start}},
	}
	first := Lay(o, nil)
	o.Logs = map[string]model.LogSearch{"app1": {Taken: modeltest.Start.Add(time.Second), Writes: []model.Write{
		{Path: "/x/y", Refused: 1, Refusal: model.Refusal{Acts: model.Made, Err: model.ReadOnlyError}},
	}}}
	if second := Lay(o, first); blocked(&second.Services[0]) != "A /x/y" {
		t.Error(second.Services[0].Verdict)
	}
}
