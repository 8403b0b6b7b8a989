package export

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"petrify/model"
)

// seen is a mount as a reader of a format finds it.
type seen struct {
	kind     model.MountKind
	target   string
	volume   string
	mode     uint32
	uid, gid int
	size     int64
	exec     bool
}

func (m seen) String() string {
	if m.kind == model.Volume {
		return fmt.Sprintf("volume %q at %q", m.volume, m.target)
	}
	text := fmt.Sprintf("tmpfs at %q mode=%04o %d:%d size=%d", m.target, m.mode, m.uid, m.gid, m.size)
	if m.exec {
		text += " exec"
	}
	return text
}

func planned(m model.PlannedMount) seen {
	return seen{kind: m.Kind, target: m.Target, volume: m.Volume, mode: m.Mode, uid: m.UID, gid: m.GID, size: m.Size, exec: m.Exec}
}

// reader is a format with something that reads it, and with what it cannot say.
type reader struct {
	write format
	read  func(t testing.TB, text string, services []string) map[string][]seen
	lose  func(*seen) (left bool)
}

// hostile are texts that mean something to somebody.
var hostile = []string{
	"run", "a b", " lead", "trail ", "$x", "${y}", "${", "$$", "$(id)", "`id`", "a#b", " # c", ": ", ":", "a:b", "'", `"`, `\`, `\n`,
	"\n", "\r\n", "\t", "\x1b[31m", "\u0085", "\u2028", "\u202e", "\ufeff", "é", "😀", "\U000e0041", "\xff", "-", "- x", "*a", "&a", "!t", "%", "{", "[]",
	"a,b", "a=b", "null", "~", "|", ">", "?", "@", "\x7f", "EOF\n---\n", "0755", "A", "_", ".hidden", "readonly",
}

func randomPath(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteByte('/')
		for range 1 + r.IntN(2) {
			b.WriteString(hostile[r.IntN(len(hostile))])
		}
	}
	return strings.TrimRight(strings.ReplaceAll(b.String(), "/.", "/_."), "/")
}

func randomPlans(r *rand.Rand, services []string) (*model.Stack, []model.Plan) {
	word := func() string { return hostile[r.IntN(len(hostile))] }
	s := &model.Stack{Name: "shop", Files: []string{"compose.yaml", word()}}
	var plans []model.Plan
	for _, name := range services {
		s.Services = append(s.Services, model.Service{Name: name, Declared: &model.Declared{Name: name, Image: "img:1", Replicas: 1}})
		p := model.Plan{Service: name, Evidence: word(), Blind: []model.BlindSpot{{Kind: model.BlindOther, Detail: word()}}}
		for range r.IntN(6) {
			m := model.PlannedMount{
				Kind: model.Tmpfs, Target: randomPath(r), Class: "temp", Serves: added(randomPath(r)),
				Reason: word(), Better: word(), Warning: word(),
			}
			if slices.ContainsFunc(p.Mounts, func(o model.PlannedMount) bool { return o.Target == m.Target }) {
				continue
			}
			if r.IntN(2) == 0 {
				m.Kind, m.Volume, m.CopiesUp = model.Volume, word()+word(), r.IntN(2) == 0
			} else {
				m.Mode = []uint32{0o755, 0o1777, 0o700, 0o2775, 0o777}[r.IntN(5)]
				m.UID, m.GID, m.Exec = r.IntN(2)*r.IntN(70000), r.IntN(2)*r.IntN(70000), r.IntN(2) == 0
				m.Size = int64(1+r.IntN(5000)) << (10 * r.IntN(3))
			}
			p.Mounts = append(p.Mounts, m)
		}
		p.Unsolved = []model.Unsolved{{Path: randomPath(r), Writes: added(randomPath(r)), Why: word(), Advice: word()}}
		plans = append(plans, p)
	}
	return s, plans
}
