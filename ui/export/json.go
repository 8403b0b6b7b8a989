package export

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
	"time"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/encode"
)

// SchemaName is the name and version of the JSON form, its "schema" field. A
// field may be added within a version; none changes its meaning or goes.
const SchemaName = "petrify.plan/v1"

// Schema is the JSON Schema (2020-12) of the JSON form.
//
//go:embed plan.schema.json
var Schema string

// jsonSignature begins every plan in JSON.
var jsonSignature = []byte("{\n  \"schema\": \"" + SchemaName + "\"")

// JSON writes plans for programs, as [Schema] describes them.
func JSON(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	var n notes
	doc := document{
		Schema: SchemaName, Project: s.Name, Files: encode.List(s.Files),
		Plans: encode.Each(plans, newPlan),
	}
	if !s.At.IsZero() {
		doc.Taken = &s.At
	}
	for _, p := range plans {
		for _, m := range p.Mounts {
			if !sayable(m.Target) {
				n.add("%s: the path %s is not UTF-8; bytes of it are replaced", p.Service, clean.Path(m.Target))
			}
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		return nil, err
	}
	_, err := w.Write(clean.JSON(b.Bytes()))
	return n, err
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
	Mounts   []mount    `json:"mounts"`
	Unsolved []unsolved `json:"unsolved"`
	Alarms   []unsolved `json:"alarms"`
	Evidence string     `json:"evidence"`
	Blind    []string   `json:"blind_spots"`
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
	Reason   string          `json:"reason"`
	Better   string          `json:"better"`
	Warning  string          `json:"warning"`
	CopiesUp bool            `json:"copies_up"`
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

func newPlan(p model.Plan) plan {
	return plan{
		Service: p.Service, Already: p.Already,
		Mounts:   encode.Each(p.Mounts, newMount),
		Unsolved: encode.Each(p.Unsolved, newUnsolved),
		Alarms:   encode.Each(p.Alarms, newUnsolved),
		Evidence: p.Evidence, Blind: encode.List(p.Blind),
	}
}

func newMount(m model.PlannedMount) mount {
	out := mount{
		Kind: m.Kind, Target: m.Target, Volume: m.Volume, Class: m.Class,
		Serves: encode.Each(m.Serves, newChange), By: encode.List(m.By), Assumed: m.Assumed,
		Reason: m.Reason, Better: m.Better, Warning: m.Warning, CopiesUp: m.CopiesUp,
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
