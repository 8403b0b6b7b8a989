package report

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"petrify/model"
)

func sarifOf(t *testing.T, c *Check, folder string) string {
	t.Helper()
	var b bytes.Buffer
	if err := SARIF(&b, c, Options{Folder: folder}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// placed is the shop with the places of its services in the files.
func placed() *Check {
	s := shop()
	for i := range s.Services {
		if d := s.Services[i].Declared; d != nil {
			d.File, d.Line = s.Files[0], 3+10*i
		}
	}
	return checked(s)
}

// sarifSchemaOf is the schema as OASIS publishes it.
func sarifSchemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	content, err := os.Open("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	doc, err := jsonschema.UnmarshalJSON(content)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSARIF(t *testing.T) {
	golden.RequireEqual(t, sarifOf(t, placed(), "/home/ada"))
}

func TestSARIFFollowsItsSchema(t *testing.T) {
	schema := sarifSchemaOf(t)
	strange := withKnownWords(hostile())
	strange.Files = []string{"/a b/\x1b%\xff[x]{0}.yaml"}
	for name, c := range map[string]*Check{
		"shop": placed(), "hostile": checked(strange), "empty": checked(&model.Stack{}), "from standard input": checked(&model.Stack{Files: []string{"-"}, Problem: &model.Problem{File: "-", Line: 2}}),
	} {
		t.Run(name, func(t *testing.T) {
			for _, folder := range []string{"", "/home/ada/shop", "/elsewhere"} {
				text := sarifOf(t, c, folder)
				doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(doc); err != nil {
					t.Errorf("in %q: %v\n%s", folder, err, text)
				}
			}
		})
	}
	if err := schema.Validate(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{}}}); err == nil {
		t.Error("the schema takes a run without a tool")
	}
}

// What a host shows is what the check found, each where it is.
func TestSARIFSaysWhatWasFound(t *testing.T) {
	c := placed()
	var log sarifLog
	if err := json.Unmarshal([]byte(sarifOf(t, c, "/home/ada/shop")), &log); err != nil {
		t.Fatal(err)
	}
	run, found := log.Runs[0], c.Findings()
	if len(run.Results) != len(found) {
		t.Fatalf("%d results of %d findings", len(run.Results), len(found))
	}
	for i, result := range run.Results {
		if result.Rule != found[i].Rule || run.Tool.Driver.Rules[result.Index].ID != found[i].Rule || result.Level != found[i].Severity {
			t.Errorf("%+v is not %+v", result, found[i])
		}
		if len(result.Locations) != 1 || result.Locations[0].Physical.Artifact != (sarifArtifact{"compose.yaml", sarifRoot}) {
			t.Errorf("%s is at %+v", result.Message.Text, result.Locations)
			continue
		}
		line := 0
		if region := result.Locations[0].Physical.Region; region != nil {
			line = region.StartLine
		}
		if line != found[i].Line {
			t.Errorf("%s is in line %d, not %d", result.Message.Text, line, found[i].Line)
		}
	}
	lines := []int{}
	for _, f := range found {
		lines = append(lines, f.Line)
	}
	if slices.Max(lines) != 33 {
		t.Errorf("the lines are %v", lines)
	}
}

func TestSARIFOfAFailedCheckIsNoGoodNews(t *testing.T) {
	s := shop()
	s.Link.State = model.Stale
	var log sarifLog
	if err := json.Unmarshal([]byte(sarifOf(t, checked(s), "")), &log); err != nil {
		t.Fatal(err)
	}
	if got := log.Runs[0].Invocations[0]; got.Successful || got.ExitCode != 2 || len(got.Notifications) != 1 {
		t.Errorf("it ran well: %+v", got)
	}
}
