package compose

import (
	"bytes"
	"context"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"petrify/model"
)

// A file that petrify wrote is a plan in use, under whatever name: what only it says is
// no declaration. So the project is loaded without such files as well, and what is
// missing there is marked.

// plans are the files that petrify wrote.
func (s *sources) plans() []string {
	var names []string
	for _, f := range s.files {
		if isPlan(f) {
			names = append(names, f.Filename)
		}
	}
	return names
}

func isPlan(f types.ConfigFile) bool { return bytes.HasPrefix(f.Content, []byte(model.PlanSignature)) }

// markPlan marks what only the plans among the files declare. Where nothing is left
// without them, or what is left is broken by itself, all counts as declared.
func (s *sources) markPlan(ctx context.Context, p *model.Project) {
	p.PlanFiles = s.plans()
	if len(p.PlanFiles) == 0 || len(p.PlanFiles) == len(s.files) {
		return
	}
	without := *s
	without.files = slices.DeleteFunc(slices.Clone(s.files), isPlan)
	var bare *types.Project
	if _, err := withWarnings(func() (err error) { bare, err = without.load(ctx); return err }); err != nil {
		return
	}
	declared := declare(bare, s.separator())
	for i := range p.Services {
		with := &p.Services[i]
		at := slices.IndexFunc(declared.Services, func(d model.Declared) bool { return d.Name == with.Name })
		if at < 0 {
			continue
		}
		with.ByPlan = with.ReadOnly && !declared.Services[at].ReadOnly
		for j := range with.Mounts {
			m := &with.Mounts[j]
			bare := slices.IndexFunc(declared.Services[at].Mounts, func(d model.Mount) bool { return d.Target == m.Target })
			switch {
			case bare < 0:
				m.ByPlan = true
			case declared.Services[at].Mounts[bare] != *m:
				m.ByPlan, m.Instead = true, &declared.Services[at].Mounts[bare]
			}
		}
	}
}
