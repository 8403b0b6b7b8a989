package model

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// What a service's definition is, so that a proof ends when it changes:
//
//   - What decides how it runs: command, user, working directory, environment, mounts,
//     memory. Its image has an ID of its own.
//   - As the files declare it. Where they declare nothing, as its containers run.
//   - Where containers run that differ from the files, that is part of it: a copy is made
//     of what runs.
//   - Not what a plan adds, nor what changes with every container: names, anonymous
//     volumes, published ports.
//   - It is a sum, so that nothing of the environment can be read in it.

// definition is what is summed.
type definition struct {
	Entrypoint, Command []string
	User, WorkingDir    string
	Env                 []string
	Mounts              []Mount
	Memory              int64
	Drift               []Difference
}

// notDefining are the fields of a drift that say nothing of how a service runs, or that
// a plan changes.
var notDefining = []string{"image", "read_only", "ports", "replicas"}

// Definition is a sum of what a service is declared and runs as: two services with the
// same one and the same image run alike.
func (s *Service) Definition() string {
	sum := sha256.New()
	_ = json.NewEncoder(sum).Encode(s.definition()) // of plain values, to a hash: nothing can fail
	return hex.EncodeToString(sum.Sum(nil))
}

func (s *Service) definition() definition {
	if s.Declared == nil {
		return s.runningDefinition()
	}
	d := definition{
		Entrypoint: s.Declared.Entrypoint, Command: s.Declared.Command, User: s.Declared.User, WorkingDir: s.Declared.WorkingDir,
		Env: variables(s.Declared.Env), Mounts: defining(s.Declared.Mounts), Memory: s.Declared.Memory,
	}
	inUse := s.PlanInUse()
	for _, difference := range s.Drift {
		byPlan := slices.ContainsFunc(inUse, func(m Mount) bool { return m.Target == difference.Subject })
		if !byPlan && !slices.Contains(notDefining, difference.Field) {
			d.Drift = append(d.Drift, difference)
		}
	}
	return d
}

func (s *Service) runningDefinition() definition {
	standing := s.Standing()
	if len(standing) == 0 {
		return definition{}
	}
	c := &standing[0]
	return definition{
		Entrypoint: c.Entrypoint, Command: c.Command, User: c.User, WorkingDir: c.WorkingDir,
		Env: variables(c.Env), Mounts: defining(c.Mounts), Memory: c.Memory,
	}
}

func variables(env map[string]Masked) []string {
	all := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, name+"="+env[name].Reveal())
	}
	return all
}

// defining are the mounts that no plan adds, without what changes with every container.
func defining(mounts []Mount) []Mount {
	var kept []Mount
	for _, m := range mounts {
		if m.ByPlan || m.ByEngine {
			continue
		}
		if m.Anonymous || m.FromImage {
			m.Source = ""
		}
		m.Options = TmpfsOptions(m.Options)
		kept = append(kept, m)
	}
	slices.SortFunc(kept, func(a, b Mount) int { return cmp.Or(ComparePaths(a.Target, b.Target), cmp.Compare(a.Kind, b.Kind)) })
	return kept
}
