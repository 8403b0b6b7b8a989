package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"petrify/model"
)

func encoded(t *testing.T, s *model.Stack, opt Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, checked(s), opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func compile(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestJSON(t *testing.T) {
	golden.RequireEqual(t, encoded(t, shop(), Options{}))
}

// withKnownWords gives the words of the hostile stack that are lists of their own in the
// schema a value that engines really give.
func withKnownWords(s *model.Stack) *model.Stack {
	s.Services[0].Mounts[0].Live.Kind = model.Bind
	return s
}

func TestJSONFollowsItsSchema(t *testing.T) {
	schema := compile(t, Schema)
	empty := &model.Stack{Link: model.Link{State: model.Connecting}}
	for name, s := range map[string]*model.Stack{"shop": shop(), "hostile": withKnownWords(hostile()), "empty": empty} {
		t.Run(name, func(t *testing.T) {
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(encoded(t, s, Options{})))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
			for _, path := range undescribed(schema, doc, "$") {
				t.Errorf("%s is not in the schema", path)
			}
		})
	}
}

// undescribed lists the fields of a document that its schema does not know. The
// schema itself allows them, as a later version may have more.
func undescribed(schema *jsonschema.Schema, value any, path string) []string {
	for schema.Ref != nil {
		schema = schema.Ref
	}
	for _, alternative := range schema.AnyOf {
		if alternative.Ref != nil && value != nil {
			return undescribed(alternative.Ref, value, path)
		}
	}
	var unknown []string
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			if field, ok := schema.Properties[key]; ok {
				unknown = append(unknown, undescribed(field, v, path+"."+key)...)
			} else {
				unknown = append(unknown, path+"."+key)
			}
		}
	case []any:
		for i, v := range value {
			unknown = append(unknown, undescribed(schema.Items2020, v, fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	return unknown
}

func TestSchemaDescribesAndRequiresEveryField(t *testing.T) {
	var doc any
	if err := json.Unmarshal([]byte(Schema), &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, node any)
	walk = func(path string, node any) {
		object, ok := node.(map[string]any)
		if !ok {
			return
		}
		properties, _ := object["properties"].(map[string]any)
		required, _ := object["required"].([]any)
		for name, field := range properties {
			if text, _ := field.(map[string]any)["description"].(string); text == "" {
				t.Errorf("%s.%s has no description", path, name)
			}
			if !slices.Contains(required, any(name)) {
				t.Errorf("%s.%s is not required", path, name)
			}
		}
		for key, child := range object {
			walk(path+"."+key, child)
		}
	}
	walk("$", doc)
}

// The schema lists the kinds of findings as the table has them.
func TestSchemaHasTheKindsOfTheTable(t *testing.T) {
	var doc struct {
		Defs struct {
			Finding struct {
				Properties struct {
					Rule struct {
						Enum        []Rule
						Description string
					}
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(Schema), &doc); err != nil {
		t.Fatal(err)
	}
	var rules []Rule
	description := "The stable identifier of its kind, with the usual severity."
	for _, k := range Kinds() {
		if k.Rule == "" || k.Title == "" || k.Severity == "" || k.Means == "" || k.Advice == "" {
			t.Errorf("something of %+v is missing", k)
		}
		rules = append(rules, k.Rule)
		description += fmt.Sprintf(" %s (%s): %s.", k.Rule, k.Severity, k.Means)
	}
	rule := doc.Defs.Finding.Properties.Rule
	if !slices.Equal(rule.Enum, rules) {
		t.Errorf("the schema knows %q, the table has %q", rule.Enum, rules)
	}
	if rule.Description != description {
		t.Errorf("the schema says\n%s\nand the table\n%s", rule.Description, description)
	}
}

func TestJSONKeepsItsVersion(t *testing.T) {
	if !strings.Contains(Schema, `"const": "`+schemaName+`"`) {
		t.Errorf("the schema is not for %s", schemaName)
	}
}

func TestJSONIsSafeAndRaw(t *testing.T) {
	out := encoded(t, hostile(), Options{})
	if i := strings.IndexFunc(out, func(r rune) bool {
		return r != '\n' && unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
	}); i >= 0 {
		t.Fatalf("a control or format character at %q", out[i:min(len(out), i+20)])
	}
	var doc document
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile().Name, "\uFFFD"); doc.Project.Name != want {
		t.Errorf("the name reads as %q, want %q", doc.Project.Name, want)
	}
}

func TestJSONBoundsItsPaths(t *testing.T) {
	tests := []struct {
		max, paths, blocked, allowed int
		truncated                    bool
	}{{0, 11, 9, 2, false}, {9, 9, 9, 2, false}, {1, 1, 1, 1, true}}
	for _, tt := range tests {
		var doc document
		if err := json.Unmarshal([]byte(encoded(t, shop(), Options{MaxPaths: tt.max})), &doc); err != nil {
			t.Fatal(err)
		}
		s := doc.Services[3]
		if len(s.Changes.Paths) != tt.paths || len(s.Verdict.Blocked) != tt.blocked || len(s.Verdict.Allowed) != tt.allowed || s.Verdict.Truncated != tt.truncated {
			t.Errorf("at most %d: %d changes, %d blocked, %d allowed, truncated %v", tt.max,
				len(s.Changes.Paths), len(s.Verdict.Blocked), len(s.Verdict.Allowed), s.Verdict.Truncated)
		}
		if s.Changes.Counts != (counts{Added: 7, Modified: 3, Deleted: 1}) {
			t.Errorf("at most %d: counts are bounded too: %+v", tt.max, s.Changes.Counts)
		}
	}
}
