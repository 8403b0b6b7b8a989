package report

import (
	_ "embed"
	"io"

	"petrify/model"
	"petrify/ui/encode"
)

// TrialsSchemaName is the value of "schema" in what trials write as JSON.
const TrialsSchemaName = "petrify.trials/v1"

// TrialsSchema is the JSON schema of what trials write.
//
//go:embed trials.schema.json
var TrialsSchema string

// trialsJSON writes what became of the services that were tried, for programs.
func trialsJSON(w io.Writer, project string, names []string, tried map[string]*model.Trial) error {
	return encode.JSON(w, trialsDocument{
		Schema: TrialsSchemaName, Project: project, Trials: encode.Each(names, func(name string) trial { return newTrial(name, tried[name]) }),
	})
}

type trialsDocument struct {
	Schema  string  `json:"schema"`
	Project string  `json:"project"`
	Trials  []trial `json:"trials"`
}

type trial struct {
	Service   string            `json:"service"`
	Result    model.TrialResult `json:"result"` // "" where it was not tried
	Reason    string            `json:"reason"`
	Image     string            `json:"image"`
	Seconds   float64           `json:"seconds"`
	Text      string            `json:"text"`
	Before    int               `json:"mounts_before"`
	Mounts    []trialMount      `json:"mounts"`
	Refused   int               `json:"refused"`
	Tolerated []string          `json:"tolerated"`
	Baseline  *trialRun         `json:"baseline"`
	Rounds    []trialRound      `json:"rounds"`
}

type trialMount struct {
	Kind   model.MountKind `json:"kind"`
	Target string          `json:"target"`
}

type trialRun struct {
	Seconds  float64     `json:"seconds"`
	Steps    []trialStep `json:"steps"`
	Refused  []string    `json:"refused"`
	ExitCode int         `json:"exit_code"`
}

type trialRound struct {
	trialRun
	Mended []trialMending `json:"mended"`
}

type trialStep struct {
	Kind    model.StepKind `json:"kind"`
	Again   bool           `json:"again"`
	What    string         `json:"what"`
	Seconds float64        `json:"seconds"`
	Error   string         `json:"error"`
	Answer  string         `json:"answer"`
}

type trialMending struct {
	Target string            `json:"target"`
	Kind   model.MendingKind `json:"kind"`
	Why    string            `json:"why"`
}

func newTrial(name string, t *model.Trial) trial {
	if t == nil {
		return trial{Service: name, Mounts: []trialMount{}, Tolerated: []string{}, Rounds: []trialRound{}}
	}
	before, _ := t.MountCounts()
	baseline := newTrialRun(&t.Baseline)
	return trial{
		Service: name, Result: t.Result, Reason: t.Reason, Image: t.ImageID, Seconds: t.Took.Seconds(), Text: t.String(), Before: before,
		Mounts:  encode.Each(t.Plan.Mounts, func(m model.PlannedMount) trialMount { return trialMount{m.Kind, m.Target} }),
		Refused: t.Refused(), Tolerated: encode.Each(t.Tolerated, func(w model.Write) string { return w.Path }),
		Baseline: &baseline,
		Rounds: encode.Each(t.Rounds, func(r model.Round) trialRound {
			return trialRound{newTrialRun(&r.Run), encode.Each(r.Mended, func(m model.Mending) trialMending { return trialMending(m) })}
		}),
	}
}

func newTrialRun(r *model.Run) trialRun {
	return trialRun{
		Seconds: r.Took.Seconds(), ExitCode: r.ExitCode,
		Steps: encode.Each(r.Steps, func(s model.TrialStep) trialStep {
			return trialStep{s.Kind, s.Again, s.What, s.Took.Seconds(), s.Err, s.Answer}
		}),
		Refused: encode.Each(r.Evidence.RefusedPaths(), func(w model.Write) string { return w.Path }),
	}
}
