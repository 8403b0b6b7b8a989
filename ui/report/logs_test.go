package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

// logged is a service with a read-only root and a tmpfs, and what its log says.
func logged(lines ...string) *model.Stack {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var search model.LogSearcher
	for _, line := range lines {
		search.Add(model.LogLine{At: at, Text: line})
	}
	found := search.Found()
	found.Taken = at
	d := model.Declared{Name: "web", ReadOnly: true, Replicas: 1, User: "1000:1000", Mounts: []model.Mount{{Kind: model.Tmpfs, Target: "/work", Options: "mode=0755"}}}
	return stack.Lay(model.Observation{
		At: at, Link: model.Link{State: model.Live}, Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{d}},
		Containers: []model.Container{{
			ID: "c1", Name: "shop-web-1", Service: "web", State: model.Running, Inspected: true, ReadOnly: true, User: "1000:1000", Started: at.Add(-time.Hour), Mounts: d.Mounts,
		}},
		Changes: map[string]model.Changes{"c1": {Taken: at}}, Logs: map[string]model.LogSearch{"c1": found},
	}, nil)
}

func findingsOf(s *model.Stack, rule Rule) []Finding {
	return slices.DeleteFunc((&Check{Stack: s}).Findings(), func(f Finding) bool { return f.Rule != rule })
}

func TestRefusalsOfLogsAreFound(t *testing.T) {
	s := logged("Error: EROFS: read-only file system, mkdir '/app/\x1b[31mcache'", "open /srv/x: read-only file system")
	found := findingsOf(s, RefusedWrite)
	if len(found) != 1 || found[0].Subject != "/srv/x" || found[0].Command != "petrify plan web" {
		t.Errorf("found %+v", found)
	}
	var out bytes.Buffer
	if err := Text(&out, &Check{Stack: s}, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"is refused writes", "runs read-only, and was refused 1 write", "✗ /srv/x", "its log"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

// A refusal without a path is found as the line that tells of it.
func TestRefusalWithoutAPathIsFound(t *testing.T) {
	found := findingsOf(logged("java.nio.file.ReadOnlyFileSystemException"), ReadOnlyFailure)
	if len(found) != 1 || found[0].Message != "shop-web-1 cannot write: java.nio.file.ReadOnlyFileSystemException" {
		t.Errorf("found %+v", found)
	}
	if found := findingsOf(logged("ready"), ReadOnlyFailure); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
}

func TestMountFaultsAreFound(t *testing.T) {
	s := logged("ready")
	found := findingsOf(s, MountFault)
	const want = "/work: user 1000 with group 1000 cannot write there: the tmpfs has mode 0755 and belongs to 0:0; set /work:mode=0755,uid=1000,gid=1000"
	if len(found) != 1 || found[0].Subject != "/work" || found[0].Message != want {
		t.Errorf("found %+v", found)
	}
	if (&Check{Stack: s}).ExitCode() != 1 {
		t.Error("the check does not fail")
	}
	// A plan that declares the mount anew mends it.
	mended := &Check{Stack: s, ByPlan: true, Planned: map[string]model.Planned{s.Services[0].Name: {Outcome: model.IsReadOnly, Made: true, Mounts: 1, Mends: []string{"/work"}}}}
	if left := mended.Findings(); slices.ContainsFunc(left, func(f Finding) bool { return f.Rule == MountFault }) {
		t.Errorf("with its plan there are %+v", left)
	}
}
