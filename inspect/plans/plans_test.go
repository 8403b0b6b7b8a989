package plans

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"os"
	"testing"
	"time"

	"petrify/model"
)

var kept = model.Plan{
	Service: "web", Evidence: "changes over 4 min", Blind: []model.BlindSpot{{Kind: model.BlindTransient}},
	Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20, Serves: []model.Change{{Path: "/run/\xff", Kind: model.Added}}}},
}

func TestPlansComeBack(t *testing.T) {
	s := Open(t.TempDir())
	if s.Plan("shop", "web", "sha256:web") != nil {
		t.Error("an empty store has a plan")
	}
	if err := s.Save("shop", "sha256:web", kept); err != nil {
		t.Fatal(err)
	}
	if got := s.Plan("shop", "web", "sha256:web"); got == nil || got.String() != kept.String() {
		t.Errorf("got %v", got)
	}
	for _, other := range [][3]string{{"shop", "web", "sha256:newer"}, {"shop", "db", "sha256:web"}, {"other", "web", "sha256:web"}} {
		if s.Plan(other[0], other[1], other[2]) != nil {
			t.Errorf("%v has the plan of another one", other)
		}
	}
}

// Without its image the newest plan of a service is found.
func TestLastPlanOfAService(t *testing.T) {
	s := Open(t.TempDir())
	if s.Last("shop", "web") != nil {
		t.Error("an empty store has a plan")
	}
	newer := kept
	newer.Evidence = "changes over 9 min"
	for i, plan := range []model.Plan{kept, newer} {
		image := fmt.Sprint("sha256:", i)
		if err := s.Save("shop", image, plan); err != nil {
			t.Fatal(err)
		}
		written := time.Unix(int64(1000*i), 0)
		if err := os.Chtimes(s.folder.Path("shop", "web", image), written, written); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Last("shop", "web"); got == nil || got.Evidence != newer.Evidence {
		t.Errorf("got %v", got)
	}
	if s.Last("shop", "db") != nil || s.Last("other", "web") != nil {
		t.Error("another one has it")
	}
}

func TestNewerPlansAreLeftAlone(t *testing.T) {
	s := Open(t.TempDir())
	if err := s.Save("shop", "sha256:web", kept); err != nil {
		t.Fatal(err)
	}
	var newer bytes.Buffer
	if err := gob.NewEncoder(&newer).Encode(document{Version: version + 1, Project: "shop", Image: "sha256:web", Plan: kept}); err != nil {
		t.Fatal(err)
	}
	path := s.folder.Path("shop", "web", "sha256:web")
	if err := os.WriteFile(path, newer.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.Plan("shop", "web", "sha256:web") != nil {
		t.Error("a newer plan was read")
	}
	if err := s.Save("shop", "sha256:web", kept); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, newer.Bytes()) {
		t.Errorf("%v: the newer plan was replaced", err)
	}
}

func FuzzDecode(f *testing.F) {
	var whole bytes.Buffer
	if err := gob.NewEncoder(&whole).Encode(document{version, "shop", "sha256:web", kept}); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Fuzz(func(_ *testing.T, content []byte) { _, _ = decode(bytes.NewReader(content)) })
}
