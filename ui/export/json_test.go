package export

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"petrify/model"
)

func TestJSONFollowsItsSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("plan.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s, plans := shop()
	for name, text := range map[string]string{
		"shop": first(export(t, writeJSON, s, plans)), "empty": first(export(t, writeJSON, &model.Stack{}, nil)),
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !strings.Contains(Schema, `"const": "`+schemaName+`"`) {
		t.Errorf("the schema is not for %s", schemaName)
	}
}

// closeObjects lets a schema allow no more than it describes. For readers it is
// open, as a later version may have more.
func closeObjects(node any) {
	object, ok := node.(map[string]any)
	if !ok {
		return
	}
	if properties, ok := object["properties"].(map[string]any); ok {
		object["additionalProperties"] = false
		for _, property := range properties {
			closeObjects(property)
		}
	}
	if definitions, ok := object["$defs"].(map[string]any); ok {
		for _, definition := range definitions {
			closeObjects(definition)
		}
	}
}

func TestSchemaDescribesAndRequiresEveryField(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
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
		if len(properties) != len(required) {
			t.Errorf("%s requires %d of %d fields", path, len(required), len(properties))
		}
		for name, field := range properties {
			if text, _ := field.(map[string]any)["description"].(string); text == "" {
				t.Errorf("%s.%s has no description", path, name)
			}
		}
		for key, child := range object {
			walk(path+"."+key, child)
		}
	}
	walk("$", doc)
}
