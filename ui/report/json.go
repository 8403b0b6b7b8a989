package report

import (
	_ "embed"
	"io"
	"time"

	"petrify/model"
	"petrify/ui/encode"
)

// schemaName is the name and version of the JSON report, its "schema" field. A
// field may be added within a version; none changes its meaning or goes.
const schemaName = "petrify.check/v1"

// Schema is the JSON Schema (2020-12) of the JSON report.
//
//go:embed check.schema.json
var Schema string

// JSON writes the report for programs, as [Schema] describes it.
func JSON(w io.Writer, c *Check, opt Options) error {
	return encode.JSON(w, newDocument(c, opt.MaxPaths))
}

type document struct {
	Schema   string    `json:"schema"`
	Taken    time.Time `json:"taken"`
	Project  project   `json:"project"`
	Engine   engine    `json:"engine"`
	Link     link      `json:"link"`
	Problem  *problem  `json:"problem"`
	Totals   totals    `json:"totals"`
	Services []service `json:"services"`
	Findings []Finding `json:"findings"`
	Judged   string    `json:"judged"`
	ExitCode int       `json:"exit_code"`
}

type project struct {
	Name     string   `json:"name"`
	Files    []string `json:"files"`
	Inactive []string `json:"inactive_services"`
	Warnings []string `json:"warnings"`
}

type engine struct {
	Product    string `json:"product"`
	Version    string `json:"version"`
	APIVersion string `json:"api_version"`
	Context    string `json:"context"`
	Address    string `json:"address"`
	OS         string `json:"os"`
	Storage    string `json:"storage"`
	Rootless   bool   `json:"rootless"`
	Capture    string `json:"capture"`
}

type link struct {
	State  model.LinkState `json:"state"`
	Since  *time.Time      `json:"since"`
	Reason string          `json:"reason"`
	Advice string          `json:"advice"`
}

type problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Advice string `json:"advice"`
}

type totals struct {
	Services int `json:"services"`
	ReadOnly int `json:"read_only"`
	WouldRun int `json:"would_run"`
	Breaks   int `json:"would_break"`
	Unknown  int `json:"unknown"`
}

type service struct {
	Name       string         `json:"name"`
	Declared   bool           `json:"declared"`
	Inactive   bool           `json:"profile_inactive"`
	Containers []container    `json:"containers"`
	Root       root           `json:"root"`
	Mounts     []mountPair    `json:"mounts"`
	Drift      []fieldDrift   `json:"drift"`
	Changes    changes        `json:"changes"`
	Recording  *recording     `json:"recording"`
	Refused    []refusedWrite `json:"refused"`
	Ran        []string       `json:"ran"`
	Verdict    verdict        `json:"verdict"`
	Planned    *planned       `json:"with_plan"`
}

type planned struct {
	Outcome     model.Outcome `json:"outcome"`
	Mounts      int           `json:"mounts"`
	CodeChanges int           `json:"code_changes"`
	Unsolved    int           `json:"unsolved"`
	Opens       []string      `json:"opens"`
	Proof       string        `json:"proof"`
	NotProved   string        `json:"not_proved"`
	Reason      string        `json:"reason"`
	Text        string        `json:"text"`
}

func newPlanned(p model.Planned) *planned {
	return &planned{
		Outcome: p.Outcome, Mounts: p.Mounts, CodeChanges: p.CodeChanges, Unsolved: p.Unsolved,
		Opens: encode.List(p.Opens), Proof: p.Proof, NotProved: p.NotProved, Reason: p.Reason, Text: p.String(),
	}
}

// The verdicts that findings and exit code go by.
const (
	judgedNow     = "now"
	judgedPlanned = "planned"
	judgedProved  = "proved"
)

func newDocument(c *Check, maxPaths int) document {
	s := c.Stack
	d := document{
		Schema:  schemaName,
		Taken:   s.At,
		Project: project{Name: s.Name, Files: encode.List(s.Files), Inactive: encode.List(s.Inactive), Warnings: encode.List(s.Warnings)},
		Engine:  newEngine(s.Engine),
		Link:    link{State: s.Link.State, Since: moment(s.Link.Since), Reason: s.Link.Reason, Advice: s.Link.Advice},
		Problem: newProblem(s.Problem),
		Totals: totals{
			Services: s.Totals.Services, ReadOnly: s.Totals.ReadOnly, WouldRun: s.Totals.WouldRun,
			Breaks: s.Totals.Breaks, Unknown: s.Totals.Unknown,
		},
		Services: make([]service, len(s.Services)),
		Findings: encode.List(c.Findings()),
		Judged:   judgedNow,
		ExitCode: c.ExitCode(),
	}
	if c.ByPlan {
		d.Judged = judgedPlanned
	}
	if c.ByProof {
		d.Judged = judgedProved
	}
	for i := range s.Services {
		d.Services[i] = newService(&s.Services[i], maxPaths)
		if judged, ok := c.Planned[s.Services[i].Name]; ok {
			d.Services[i].Planned = newPlanned(judged)
		}
	}
	return d
}

func newEngine(e model.Engine) engine {
	return engine{
		Product: string(e.Product), Version: e.Version, APIVersion: e.APIVersion, Context: e.Context, Address: e.Address,
		OS: e.OS, Storage: e.Storage, Rootless: e.Rootless, Capture: e.Capture,
	}
}

func newProblem(p *model.Problem) *problem {
	if p == nil {
		return nil
	}
	return &problem{File: p.File, Line: p.Line, Text: p.Text, Advice: p.Advice}
}

func newService(svc *model.Service, maxPaths int) service {
	return service{
		Name:       svc.Name,
		Declared:   svc.Declared != nil,
		Inactive:   svc.Declared != nil && svc.Declared.Inactive,
		Containers: encode.Each(svc.Containers, newContainer),
		Root:       rootOf(svc),
		Mounts:     encode.Each(svc.Mounts, newMountPair),
		Drift:      encode.Each(svc.Drift, newFieldDrift),
		Changes:    newChanges(svc, maxPaths),
		Recording:  newRecording(&svc.Evidence),
		Refused:    newRefused(svc, maxPaths),
		Ran:        newRan(svc, maxPaths),
		Verdict:    newVerdict(svc.Verdict, maxPaths),
	}
}

// moment makes nothing of the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
