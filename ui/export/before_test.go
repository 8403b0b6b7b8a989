package export

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"petrify/model"
)

// stackOf is a stack of declared services, and plansFor one plan for each.
func stackOf(names ...string) (*model.Stack, []model.Plan) {
	s := &model.Stack{Name: "shop"}
	var plans []model.Plan
	for _, name := range names {
		s.Services = append(s.Services, model.Service{Name: name, Declared: &model.Declared{Name: name, Image: "shop/" + name}})
		plans = append(plans, model.Plan{Service: name, Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20}}})
	}
	return s, plans
}

// Each file says which services it is for, however many lines that takes.
func TestFilesSayWhichServicesTheyAreFor(t *testing.T) {
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("service-%02d.", i))
	}
	for _, names := range [][]string{{"web"}, {"db", "web"}, many} {
		s, plans := stackOf(names...)
		plans = append(plans, model.Plan{Service: "unseen", NotSeen: "it never ran"}, model.Plan{Service: "ready", Already: true})
		for _, f := range Formats {
			var file bytes.Buffer
			if _, err := f.Write(&file, s, plans); err != nil {
				t.Fatal(err)
			}
			if got := Services(file.Bytes()); !slices.Equal(got, names) {
				t.Errorf("%s: %v, want %v", f.Name, got, names)
			}
		}
	}
	for _, file := range []string{"", "services: {}\n", model.PlanSignature + ": x\n# Plans for 3 services: a, b", model.PlanSignature + "\n"} {
		if got := Services([]byte(file)); got != nil {
			t.Errorf("%q: %v", file, got)
		}
	}
}

// A file that plans for more is not replaced, unless the project has the rest no more.
func TestReplacingLosesNothing(t *testing.T) {
	s, plans := stackOf("db", "gone", "web")
	var file bytes.Buffer
	if _, err := Formats[0].Write(&file, s, plans); err != nil {
		t.Fatal(err)
	}
	now, again := stackOf("db", "web")
	for name, test := range map[string]struct {
		plans         []model.Plan
		missing, gone string
	}{
		"both":               {again, "[]", "[gone]"},
		"one":                {again[1:], "[db]", "[gone]"},
		"one is unseen":      {[]model.Plan{{Service: "db", NotSeen: "it never ran"}, again[1]}, "[db]", "[gone]"},
		"one is ready":       {[]model.Plan{{Service: "db", Already: true}, again[1]}, "[]", "[gone]"},
		"neither of the two": {nil, "[db web]", "[gone]"},
	} {
		missing, gone := Missing(file.Bytes(), now, test.plans)
		if fmt.Sprint(missing) != test.missing || fmt.Sprint(gone) != test.gone {
			t.Errorf("%s: missing %v, gone %v", name, missing, gone)
		}
		if err := MayReplace("f.yaml", file.Bytes(), now, test.plans); (err != nil) != (test.missing != "[]") || err != nil && !strings.Contains(err.Error(), "db") {
			t.Errorf("%s: %v", name, err)
		}
	}
	now.Inactive = []string{"gone"}
	if missing, gone := Missing(file.Bytes(), now, again); fmt.Sprint(missing) != "[gone]" || len(gone) > 0 {
		t.Errorf("missing %v, gone %v", missing, gone)
	}
}
