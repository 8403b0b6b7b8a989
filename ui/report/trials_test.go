package report

import (
	"bytes"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"petrify/model"
)

// Whatever becomes of trials, their JSON follows its schema.
func TestTrialsFollowTheirSchema(t *testing.T) {
	schema := compile(t, TrialsSchema)
	steps := []model.TrialStep{{Kind: model.StartStep}, {Kind: model.PortStep, What: "80", Answer: "HTTP 200", Again: true, Took: time.Second}}
	refused := model.Evidence{Writes: []model.Write{{
		Path: "/run/web\x1b[2J\xff.pid", Refused: 1, Refusal: model.Refusal{Acts: model.Made, Err: model.ReadOnlyError, Call: "openat"},
	}}}
	tried := map[string]*model.Trial{}
	names := []string{"not tried"}
	for _, result := range []model.TrialResult{model.TrialProved, model.TrialFailed, model.TrialNoBaseline, model.TrialUnfinished} {
		names = append(names, string(result))
		tried[string(result)] = &model.Trial{
			Service: string(result), Result: result, Reason: "a\nreason", Took: time.Minute, Baseline: model.Run{Steps: steps}, Tolerated: refused.Writes,
			Plan: model.Plan{Mounts: []model.PlannedMount{{Kind: model.Volume, Target: "/data"}, {Kind: model.Tmpfs, Target: "/run"}}},
			Rounds: []model.Round{
				{Run: model.Run{Evidence: refused, Steps: steps[:1]}, Mended: []model.Mending{{Target: "/run", Kind: model.MountAdded, Why: "it was refused"}}},
				{Run: model.Run{Steps: steps, ExitCode: 143}},
			},
		}
	}
	for name, names := range map[string][]string{"all": names, "none": nil} {
		var b bytes.Buffer
		if err := Trials(&b, true, "shop", names, tried); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v\n%s", name, err, &b)
		}
	}
}
