package export

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"petrify/model"
	"petrify/ui/clean"
)

var readers = map[string]reader{
	"compose": {writeCompose, readCompose, func(m *seen) bool {
		if m.kind == model.Volume {
			return !strings.Contains(m.target, ":")
		}
		if strings.ContainsAny(m.target, ":=") {
			m.uid, m.gid, m.exec = 0, 0, false
		}
		return true
	}},
	"compose-v2": {writeComposeV2, readCompose, func(m *seen) bool {
		if m.kind == model.Volume {
			return !strings.Contains(m.target, ":")
		}
		if strings.ContainsAny(m.target, ":=") {
			m.uid, m.gid, m.exec, m.mode = 0, 0, false, 0
		}
		return true
	}},
	"swarm": {writeSwarm, readSwarm, func(*seen) bool { return true }},
	"docker-run": {writeDockerRun, readDockerRun, func(m *seen) bool {
		colon := strings.Contains(m.target, ":")
		if colon && m.kind == model.Tmpfs {
			m.uid, m.gid, m.exec = 0, 0, false
		}
		needsMount := colon || m.kind == model.Volume && strings.Contains(m.target, "${")
		return !needsMount || strings.TrimSpace(m.target) == m.target && !strings.Contains(m.target, "\r\n")
	}},
	"kubernetes":            {writeKubernetes, readKubernetes, loseInKubernetes},
	"kubernetes-deployment": {writeDeployments, readKubernetes, loseInKubernetes},
	"json":                  {writeJSON, readJSON, func(*seen) bool { return true }},
}

func loseInKubernetes(m *seen) bool {
	if m.kind == model.Tmpfs {
		m.mode, m.uid, m.gid, m.exec = 0o777, 0, 0, true
	}
	return !strings.Contains(m.target, ":")
}

// TestRandomPlansComeBack writes plans of hostile names in every format, reads
// them with what the format is for, and expects the mounts of the plan, but for
// what the format is known not to say: of that it expects a note.
func TestRandomPlansComeBack(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 15
	}
	services := []string{"web", "db-1", "null"}
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			for seed := range rounds {
				s, plans := randomPlans(rand.New(rand.NewPCG(uint64(seed), 1)), services)
				compare(t, reader, s, plans)
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func TestPlansComeBack(t *testing.T) {
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			s, plans := shop()
			// What the plans do not hold is in the golden files.
			for i := range s.Services {
				s.Services[i].Mounts, s.Services[i].Image = nil, nil
				s.Services[i].Declared = &model.Declared{Image: "img", Replicas: 1}
			}
			plans = slices.DeleteFunc(plans, func(p model.Plan) bool { return p.Already })
			compare(t, reader, s, plans)
		})
	}
}

func compare(t *testing.T, r reader, s *model.Stack, plans []model.Plan) {
	t.Helper()
	text, notes := export(t, r.write, s, plans)
	again, _ := export(t, r.write, s, plans)
	if text != again {
		t.Error("written twice, the bytes differ")
	}
	var services []string
	for _, p := range plans {
		services = append(services, p.Service)
	}
	found := r.read(t, text, services)
	names, keys := map[string]string{}, map[string]string{}
	for _, p := range plans {
		var want []seen
		for _, m := range p.Mounts {
			w := planned(m)
			kept := isExpressible(m.Target) && r.lose(&w)
			if kept {
				want = append(want, w)
			}
			before := planned(m)
			before.exec = before.exec || w.exec // of what is allowed and not needed one note speaks for all
			if (!kept || before != w) && !strings.Contains(strings.Join(notes, "\n"), clean.Path(m.Target)) {
				t.Errorf("no note says what is missing of %s", before)
			}
		}
		got := found[p.Service]
		order := func(a, b seen) int { return strings.Compare(a.target, b.target) }
		slices.SortFunc(want, order)
		slices.SortFunc(got, order)
		// A volume may have another name, but one and the same for one key.
		for i := range min(len(want), len(got)) {
			if want[i].kind != model.Volume || got[i].kind != model.Volume {
				continue
			}
			key, name := want[i].volume, got[i].volume
			if n, ok := names[key]; ok && n != name {
				t.Errorf("volume %q is both %q and %q", key, n, name)
			}
			if k, ok := keys[name]; ok && k != key {
				t.Errorf("volumes %q and %q are both %q", key, k, name)
			}
			names[key], keys[name] = name, key
			got[i].volume = key
		}
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Errorf("service %s\nwant %s\ngot  %s\n%s", p.Service, want, got, text)
		}
	}
	for service := range maps.Keys(found) {
		if !slices.Contains(services, service) {
			t.Errorf("there is a service %q", service)
		}
	}
}
