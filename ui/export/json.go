package export

import (
	_ "embed"
	"io"
	"time"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/encode"
)

// schemaName is the name and version of the JSON form, its "schema" field. A
// field may be added within a version; none changes its meaning or goes.
const schemaName = "petrify.plan/v1"

// Schema is the JSON Schema (2020-12) of the JSON form.
//
//go:embed plan.schema.json
var Schema string

// jsonSignature begins every plan in JSON.
var jsonSignature = []byte("{\n  \"schema\": \"" + schemaName + "\"")

// writeJSON writes plans for programs, as [Schema] describes them.
func writeJSON(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	var n notes
	doc := document{
		Schema: schemaName, Project: s.Name, Files: encode.List(declaringFiles(s)),
		Plans: encode.Each(plans, func(p model.Plan) plan { return newPlan(s, p) }),
	}
	if at := asOf(s, plans); !at.IsZero() {
		doc.Taken = &at
	}
	for _, p := range plans {
		if p.NotSeen != "" {
			n.notPlanned(&p)
		}
		for _, m := range p.Mounts {
			if !isExpressible(m.Target) {
				n.add("%s: the path %s is not UTF-8; bytes of it are replaced", p.Service, clean.Path(m.Target))
			}
		}
	}
	return n, encode.JSON(w, doc)
}

type document struct {
	Schema  string     `json:"schema"`
	Taken   *time.Time `json:"taken"`
	Project string     `json:"project"`
	Files   []string   `json:"files"`
	Plans   []plan     `json:"plans"`
}

type plan struct {
	Service  string     `json:"service"`
	Already  bool       `json:"already_read_only"`
	NotSeen  string     `json:"not_planned"`
	Stays    string     `json:"stays_writable"`
	Mounts   []mount    `json:"mounts"`
	Unsolved []unsolved `json:"unsolved"`
	Alarms   []unsolved `json:"alarms"`
	Evidence string     `json:"evidence"`
	// Proof is the trial that proves the plan, and NotProved why it is not proved; one of
	// the two is empty.
	Proof     string `json:"proof"`
	NotProved string `json:"not_proved"`

	Blind []string `json:"blind_spots"`
	Hints []hint   `json:"hints"`
}

type hint struct {
	Kind model.Hint `json:"kind"`
	Text string     `json:"text"`
}

type mount struct {
	Kind     model.MountKind `json:"kind"`
	Target   string          `json:"target"`
	Volume   string          `json:"volume"`
	Tmpfs    *tmpfs          `json:"tmpfs"`
	Class    model.Class     `json:"class"`
	Serves   []change        `json:"serves"`
	By       []string        `json:"by"`
	Assumed  string          `json:"assumed"`
	Mends    string          `json:"mends"`
	Reason   string          `json:"reason"`
	Better   string          `json:"better"`
	Warning  string          `json:"warning"`
	Unused   string          `json:"unused"`
	CopiesUp bool            `json:"copies_up"`
	Opens    bool            `json:"opens_program"`
}

type tmpfs struct {
	Mode string `json:"mode"`
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
	Size int64  `json:"size"`
	Exec bool   `json:"exec"`
}

type unsolved struct {
	Class    model.Class `json:"class"`
	Path     string      `json:"path"`
	Writes   []change    `json:"writes"`
	Why      string      `json:"why"`
	Advice   string      `json:"advice"`
	Harmless bool        `json:"harmless"`
}

type change struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
}

func newPlan(s *model.Stack, p model.Plan) plan {
	proof, notProved := "", "the service is not known"
	if service := s.Service(p.Service); service != nil {
		if notProved = service.NotProved(&p); notProved == "" {
			proof = service.Trial.Course()
		}
	}
	return plan{
		Proof: proof, NotProved: notProved,
		Service: p.Service, Already: p.Already, NotSeen: p.NotSeen, Stays: p.Stays.String(),
		Mounts:   encode.Each(p.Mounts, newMount),
		Unsolved: encode.Each(p.Unsolved, newUnsolved),
		Alarms:   encode.Each(p.Alarms, newUnsolved),
		Evidence: p.Evidence, Blind: encode.List(model.BlindTexts(p.Blind)),
		Hints: encode.Each(p.Hints, func(h model.Hint) hint { return hint{h, h.String()} }),
	}
}

func newMount(m model.PlannedMount) mount {
	out := mount{
		Kind: m.Kind, Target: m.Target, Volume: m.Volume, Class: m.Class,
		Serves: encode.Each(m.Serves, newChange), By: encode.List(m.By), Assumed: m.Assumed, Mends: m.Mends,
		Reason: m.Reason, Better: m.Better, Warning: m.Warning, Unused: m.Unused, CopiesUp: m.CopiesUp,
		Opens: m.OpensProgram,
	}
	if m.Kind == model.Tmpfs {
		out.Tmpfs = &tmpfs{Mode: octal(m.Mode), UID: m.UID, GID: m.GID, Size: m.Size, Exec: m.Exec}
	}
	return out
}

func newUnsolved(u model.Unsolved) unsolved {
	return unsolved{Class: u.Class, Path: u.Path, Writes: encode.Each(u.Writes, newChange), Why: u.Why, Advice: u.Advice, Harmless: u.Harmless}
}

func newChange(c model.Change) change { return change{Path: c.Path, Kind: encode.Kind(c.Kind)} }
