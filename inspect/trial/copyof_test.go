package trial

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/model"
)

var update = flag.Bool("update", false, "write what copies are made as")

// testCase is one case in testdata: what the engine tells of the originals, in the order of
// their start, and how copies of them are made.
type testCase struct {
	About     string
	Plan      []model.PlannedMount `json:",omitempty"` // nil: unmodified
	Data      model.TrialData      `json:",omitempty"`
	Labels    map[string]string    `json:",omitempty"` // of the image
	Kinds     map[string]kind      `json:",omitempty"` // of binds, by target; else folders
	InUse     []string             `json:",omitempty"` // of the last one
	Originals []container.InspectResponse
}

// made is what a case comes to.
type made struct {
	Copies  []client.ContainerCreateOptions
	Volumes []string
	Notes   []string
}

// Each file in testdata with the ending .in.json says what originals are; the one beside
// it with .out.json, what becomes of them: go test ./inspect/trial -update writes it.
func TestCopiesAreMadeLikeTheirOriginals(t *testing.T) {
	files, err := filepath.Glob("testdata/*.in.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: %d cases", err, len(files))
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".in.json"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var c testCase
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(c.make(), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(tidy(t, got), '\n')
			golden := strings.TrimSuffix(name, ".in.json") + ".out.json"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s: the copies are\n%s\nnot\n%s", c.About, got, want)
			}
		})
	}
}

func (c testCase) make() made {
	var originals []*original
	at := setting{trial: "ID", network: "petrify-trial-ID", names: map[string]string{}, planned: map[string]string{}}
	for _, found := range c.Originals {
		service := found.Config.Labels["com.docker.compose.service"]
		o := &original{service: service, found: found, made: found.ID != "", labels: c.Labels, stat: map[string]kind{}}
		for _, m := range found.Mounts {
			o.stat[m.Destination] = folder
			if k := c.Kinds[m.Destination]; k != "" {
				o.stat[m.Destination] = k
			}
		}
		at.names[service] = "petrify-trial-ID-" + service
		originals = append(originals, o)
	}
	originals[len(originals)-1].inUse = c.InUse
	l := newLayout(originals, c.Data)
	at.originals, at.layout = originals, &l
	var result made
	for i, v := range l.volumes {
		name := "petrify-trial-ID-" + string(rune('0'+i))
		at.volumes = append(at.volumes, name)
		at.files = append(at.files, "")
		text := name + " for " + v.service + " " + v.target
		if v.single {
			at.files[i] = "/volumes/" + name + "/file"
			text += ", a file"
		}
		if v.from != nil {
			text += ", copied from " + string(v.from.Type) + " " + v.from.Source
		}
		result.Volumes = append(result.Volumes, text)
	}
	if c.Plan != nil {
		at.plan = &model.Plan{Mounts: c.Plan}
		for _, m := range c.Plan {
			if m.Kind == model.Volume {
				at.planned[m.Target] = "petrify-trial-ID-plan"
			}
		}
	}
	result.Notes = l.notes
	for _, o := range originals {
		result.Copies = append(result.Copies, copyOf(o, at))
		result.Notes = append(result.Notes, notesOf(o, at)...)
	}
	return result
}

// tidy leaves out what is not said, so that a reader sees what is.
func tidy(t *testing.T, text []byte) []byte {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(said(value), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func said(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inside := range v {
			if key == "Labels" || key == "Tmpfs" {
				continue // each says something, also without a value
			}
			if inside = said(inside); inside == nil {
				delete(v, key)
			} else {
				v[key] = inside
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = said(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	}
	return value
}
