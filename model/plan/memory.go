package plan

import (
	"fmt"

	"petrify/model"
)

// What tmpfs hold counts as memory of their service. Where that has a limit:
//
//   - Its tmpfs, planned and declared, take at most half of it together: the rest is for
//     its processes. Where declared ones leave less, planned ones take a quarter of
//     what is left. One that is declared without a size counts as nothing.
//   - Where what was seen does not fit, with a quarter more in reserve, it goes to a
//     volume, the largest first. What has to vanish with the container does not: pid
//     files and sockets of the one before. A quarter of the room stays for what is
//     assumed.
//   - Sizes are cut until they fit, the largest first, and where possible not below what
//     was seen.
const (
	processShare = 2 // one part of the limit is for the processes
	leftShare    = 4 // of what declared tmpfs leave, one part is for planned ones
	assumedShare = 4 // one part of the room is for what is not seen
	usualLeast   = 1 * miB
	leastTmpfs   = 64 * kiB
)

// tmpfsRoom is how much the planned tmpfs may hold together; false where the service has no
// limit.
func (p *planner) tmpfsRoom() (room int64, limited bool) {
	limit := p.service.MemoryLimit()
	if limit == 0 {
		return 0, false
	}
	var declared int64
	for _, pair := range p.service.Mounts {
		if m, ok := pair.InForce(p.service.Declared != nil); ok && m.Kind == model.Tmpfs && !p.planned(m.Target) {
			declared += m.Size()
		}
	}
	return max(limit/processShare-declared, (limit-declared)/leftShare, 0), true
}

// roomFor is the least that a tmpfs needs for what was seen in it.
func roomFor(seen int64) int64 { return powerOfTwo(max(seen+seen/4, usualLeast)) }

// moveToDisk makes a volume of the site that holds most, as long as what was seen does
// not fit into the service's memory.
func (p *planner) moveToDisk() bool {
	room, limited := p.tmpfsRoom()
	if !limited {
		return false
	}
	var together, most int64
	var largest *site
	for _, at := range p.sites {
		if p.kind(at) != model.Tmpfs {
			continue
		}
		need := roomFor(p.seenAt(at))
		together += need
		if need > most && at.class() != model.RuntimeState {
			largest, most = at, need
		}
	}
	if together <= room-room/assumedShare || largest == nil {
		return false
	}
	largest.onDisk = true
	return true
}

// tooLarge says why a volume stands where a tmpfs would do.
func (p *planner) tooLarge(at *site) string {
	room, _ := p.tmpfsRoom()
	return fmt.Sprintf("a tmpfs would do but for its size: %s were seen there, and of the service's %s of memory tmpfs may hold %s; empty the volume when it grows",
		roughSize(p.seenAt(at)), model.SizeText(p.service.MemoryLimit()), roughSize(room))
}

// fitMemory cuts the planned tmpfs until they fit into the service's memory together.
func (p *planner) fitMemory() {
	room, limited := p.tmpfsRoom()
	if !limited {
		return
	}
	var together int64
	wanted := map[string]int64{}
	for i := range p.plan.Mounts {
		if m := &p.plan.Mounts[i]; m.Kind == model.Tmpfs {
			wanted[m.Target] = m.Size
			together += m.Size
		}
	}
	for together > room {
		m := p.largestTmpfs(func(m *model.PlannedMount) int64 { return roomFor(p.seen[m.Target]) })
		if m == nil {
			m = p.largestTmpfs(func(*model.PlannedMount) int64 { return leastTmpfs }) // it has to fit
		}
		if m == nil {
			break
		}
		smaller := max(powerOfTwo(m.Size)/2, leastTmpfs)
		together -= m.Size - smaller
		m.Size = smaller
	}
	for i := range p.plan.Mounts {
		m := &p.plan.Mounts[i]
		if m.Size >= wanted[m.Target] {
			continue
		}
		text := fmt.Sprintf("its size is cut from %s, as tmpfs count as memory, of which the service has %s",
			model.SizeText(wanted[m.Target]), model.SizeText(p.service.MemoryLimit()))
		if seen := p.seen[m.Target]; m.Size < seen {
			text += fmt.Sprintf("; %s were seen there: raise the limit", roughSize(seen))
		}
		m.AddWarning(text)
	}
}

// largestTmpfs is the largest one that stays above a least size when it is cut; nil where
// none does.
func (p *planner) largestTmpfs(least func(*model.PlannedMount) int64) *model.PlannedMount {
	var largest *model.PlannedMount
	for i := range p.plan.Mounts {
		m := &p.plan.Mounts[i]
		if m.Kind == model.Tmpfs && m.Size > least(m) && (largest == nil || m.Size > largest.Size) {
			largest = m
		}
	}
	return largest
}

// roughSize writes a size in the largest unit of which there are some.
func roughSize(n int64) string {
	for _, unit := range []int64{miB * kiB, miB, kiB} {
		if n >= 4*unit {
			return model.SizeText((n + unit/2) / unit * unit)
		}
	}
	return model.SizeText(n)
}
