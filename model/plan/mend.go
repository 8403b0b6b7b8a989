package plan

import (
	"fmt"
	"slices"
	"strings"

	"petrify/model"
)

// What becomes of mounts that are declared and do not do for their service:
//
//   - A tmpfs is declared anew, with the options that mend it. An override can do that where
//     Compose takes both entries for one: they are alike up to their first equals sign.
//     Otherwise Compose fails, as two mounts are on one path (v2.40).
//   - In the long form a tmpfs has neither owner nor exec. There, and where an override
//     cannot, the reader is told which line to change.
//   - No option changes the owner of a volume. The reader is told what does.
//   - What is refused in any other mount is told as well: no plan adds a mount for it.
//
// As long as a plan that mends a mount is in use, nothing shows that it is needed: it stays
// as the earlier plan has it, where the mount still is what that plan made of it.

// mendMounts plans what mends declared mounts, and tells of what no plan mends.
func (p *planner) mendMounts(earlier *model.Plan) {
	for i := range p.service.Mounts {
		pair := &p.service.Mounts[i]
		if p.planned(pair.Target) {
			continue // in use, and declared so among the files
		}
		mended, ok := pair.Mended()
		switch {
		case ok && canOverride(pair):
			m := p.mended(pair, mended)
			if before := mendedBefore(pair, earlier); before != nil {
				m.Serves = before.Serves // once it is mended, they are not refused any more
			}
			p.plan.Mounts = append(p.plan.Mounts, m)
		case len(pair.Faults) > 0:
			p.leaveFaults(pair)
		default:
			p.keepMended(pair, mendedBefore(pair, earlier))
		}
	}
	p.giveRefused()
}

// canOverride says whether a later entry takes the place of a declared tmpfs. One in the
// long form takes a size from it, and nothing else.
func canOverride(pair *model.MountPair) bool {
	onlySize := !slices.ContainsFunc(pair.Faults, func(f model.MountFault) bool { return f.Kind != model.FaultTooSmall })
	return pair.Declared.Spelling == "" && (pair.Declared.Long && onlySize || !pair.Declared.Long && strings.Contains(pair.Declared.Options, "="))
}

// mended is the mount that stands in for a declared one.
func (p *planner) mended(pair *model.MountPair, as model.Mount) model.PlannedMount {
	m := model.PlannedMount{
		Kind: model.Tmpfs, Target: pair.Target, Class: Classify(pair.Target, model.Modified, nil).Class, Mends: faultsOf(pair),
		Reason: "the tmpfs that is declared there does not do", Better: "the same options in the Compose file: " + as.Short(),
	}
	settings := as.TmpfsSettings()
	m.Mode, m.UID, m.GID, m.Exec, m.Size = settings.Mode, settings.UID, settings.GID, settings.Exec, settings.Size
	if !settings.HasMode {
		owner := m
		p.setOwner(&owner)
		m.Mode = owner.Mode
	}
	if m.Size == 0 {
		m.Size = leastSize(m.Class)
	}
	return m
}

func faultsOf(pair *model.MountPair) string {
	texts := make([]string, len(pair.Faults))
	for i, f := range pair.Faults {
		texts[i] = f.Text
	}
	return strings.Join(texts, "; ")
}

// leaveFaults tells what to change where an override cannot.
func (p *planner) leaveFaults(pair *model.MountPair) {
	advice := []string{}
	if mended, ok := pair.Mended(); ok {
		mended.Target = pair.Target
		advice = append(advice, fmt.Sprintf("in the Compose file, declare it as tmpfs: [%q] in place of the entry for %s", mended.Short(), pair.Target))
	} else {
		for _, f := range pair.Faults {
			if text := f.Advice; text != "" {
				advice = append(advice, text)
			} else if f.Set != "" {
				advice = append(advice, "set "+f.Set)
			}
		}
	}
	p.faulty = append(p.faulty, model.Unsolved{
		Class: Classify(pair.Target, model.Modified, nil).Class, Reason: model.OpenMountFault, Path: pair.Target,
		Writes: []model.Change{{Path: pair.Target, Kind: model.Modified}},
		Why:    pair.Target + ": " + faultsOf(pair), Advice: strings.Join(advice, "; "),
	})
}

// mendedBefore is what an earlier plan mends a mount with; nil where it does not.
func mendedBefore(pair *model.MountPair, earlier *model.Plan) *model.PlannedMount {
	if earlier == nil {
		return nil
	}
	i := slices.IndexFunc(earlier.Mounts, func(m model.PlannedMount) bool { return m.Mends != "" && m.Target == pair.Target })
	if i < 0 {
		return nil
	}
	return &earlier.Mounts[i]
}

// keepMended keeps what mends a mount as long as containers run with it.
func (p *planner) keepMended(pair *model.MountPair, was *model.PlannedMount) {
	if was == nil || pair.Live == nil || pair.Live.Kind != model.Tmpfs || pair.Declared == nil || pair.Declared.Kind != model.Tmpfs {
		return
	}
	is, declared := pair.Live.TmpfsSettings(), pair.Declared.TmpfsSettings()
	if is != declared && is.Mode == was.Mode && is.UID == was.UID && is.GID == was.GID && is.Size == was.Size && is.Exec == was.Exec {
		p.plan.Mounts = append(p.plan.Mounts, *was)
	}
}

// giveRefused gives what was refused in declared mounts to what mends these, and tells of
// the rest.
func (p *planner) giveRefused() {
	toRoot := wanted(p.service)
	for _, w := range p.service.RefusedWrites() {
		mount, mounted := p.service.Takes(w.Path)
		if !mounted || w.OnRoot() && p.service.NextRoot() != model.RootReadOnly {
			continue
		}
		at := slices.IndexFunc(p.plan.Mounts, func(m model.PlannedMount) bool { return m.Target == mount.Target })
		if at >= 0 {
			m := &p.plan.Mounts[at]
			if where, known := slices.BinarySearchFunc(m.Serves, w.Change(), model.ByPath); !known {
				m.Serves = slices.Insert(slices.Clone(m.Serves), where, w.Change())
			}
			continue
		}
		fault := slices.IndexFunc(p.faulty, func(u model.Unsolved) bool { return u.Path == mount.Target })
		switch {
		case fault >= 0:
			u := &p.faulty[fault]
			if u.Writes[0].Path == u.Path {
				u.Writes = nil // the writes themselves say more
			}
			u.Writes = append(u.Writes, w.Change())
			slices.SortFunc(u.Writes, model.ByPath)
		case slices.ContainsFunc(toRoot, func(c model.Change) bool { return c.Path == w.Path }):
			// it is sorted with the writes to the root
		case mount.ReadOnly:
			p.leave(write{Change: w.Change()}, model.OpenReadOnlyMount, mount.Target)
		default:
			p.leave(write{Change: w.Change()}, model.OpenInMount, mount.Target)
		}
	}
}
