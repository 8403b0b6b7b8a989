package trial

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"

	"petrify/inspect/compose"
)

// What Compose would make of the services is known before it has.
func TestServicesAreMadeFromTheirFiles(t *testing.T) {
	file, err := filepath.Abs("testdata/declared/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	o := compose.Options{Files: []string{file}, Environ: []string{"COMPOSE_DISABLE_ENV_FILE=1"}}
	project, err := compose.Read(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	declared, err := compose.Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]container.InspectResponse{}
	for i := range declared.Services {
		d := &declared.Services[i]
		found, err := fromFiles(project, d.Name, d)
		if err != nil {
			t.Fatal(err)
		}
		all[d.Name] = found
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(string(tidy(t, text)), filepath.Dir(file), "DIR") + "\n"
	const golden = "testdata/declared/made.json"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("%v: they are made as\n%s\nnot\n%s", err, got, want)
	}
}
