package model

import (
	"slices"
	"time"
)

// What the engine itself leaves in a writable layer. `docker diff` lists it among
// the service's changes, though the service wrote none of it:
//
//   - mount points that the image lacks, anonymous volumes' included, and the
//     directories that lead to them, are added; what held them is modified.
//   - a working directory that the image lacks is added, with what leads to it.
//   - the files in engineFiles are put into every container, and what holds them
//     is modified. Podman says so of /etc always.
//
// Nothing else is dropped: a path that is neither a mount point, nor the working
// directory, nor one of these files, nor leads to one of them, is the service's.
// A directory listed as modified is dropped only when nothing of the service
// remains below it. Deletions are never the engine's.

// engineFiles are put into a container by Docker or Podman.
var engineFiles = []string{
	"/.dockerenv", "/run/.containerenv",
	"/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
	"/etc/mtab", // a link to /proc/mounts
	"/dev", "/dev/console", "/dev/pts", "/dev/shm", "/dev/mqueue",
	"/proc", "/sys",
	"/sbin/docker-init", "/run/podman-init", // with `init: true`
}

const longestEngineFile = len("/run/.containerenv")

// NewChanges makes one answer of an engine into changes, with what the engine
// itself made set apart. Without an image, pass nil.
func NewChanges(paths []Change, c Container, img *Image, taken time.Time, took time.Duration) Changes {
	made := newEngineMade(paths, c, img)
	drop := func(change Change) bool {
		if len(change.Path) > made.longest {
			return false
		}
		switch change.Kind {
		case Added:
			return made.whole[change.Path] || made.leading[change.Path]
		case Modified:
			if made.whole[change.Path] {
				return true
			}
			shadow, leads := made.shadows[change.Path]
			return leads && !shadow
		default:
			return false
		}
	}
	var dropped []Change
	for _, change := range paths {
		if drop(change) {
			dropped = append(dropped, change)
		}
	}
	kept := paths
	if len(dropped) > 0 {
		kept = make([]Change, 0, len(paths)-len(dropped))
		for _, change := range paths {
			if !drop(change) {
				kept = append(kept, change)
			}
		}
	}
	return Changes{Paths: kept, Taken: taken, Took: took, EngineMade: dropped}
}

// engineMade is what the engine made, or may have made, in one container.
type engineMade struct {
	whole   map[string]bool // its own, added or modified
	leading map[string]bool // directories that lead there; its own when added
	// shadows are the leading directories that are listed as modified: true when
	// something of the service below them explains it.
	shadows map[string]bool
	// longest is how long a path of these can be: most of a million are longer.
	longest int
}

func newEngineMade(paths []Change, c Container, img *Image) engineMade {
	made := engineMade{whole: map[string]bool{}, leading: map[string]bool{}, shadows: map[string]bool{}}
	for _, m := range c.Mounts {
		made.mountPoint(canonical(m.Target))
	}
	if img != nil {
		for _, target := range img.Volumes {
			made.mountPoint(canonical(target))
		}
	}
	workingDir := workingDirOf(c, img)
	if workingDir != "" {
		made.leading[workingDir] = true
		made.lead(workingDir)
	}
	for _, change := range paths {
		if change.Kind != Deleted && len(change.Path) <= longestEngineFile && slices.Contains(engineFiles, change.Path) {
			made.whole[change.Path] = true
			made.lead(change.Path)
		}
	}
	made.longest = len("/etc")
	for _, known := range []map[string]bool{made.whole, made.leading} {
		for p := range known {
			made.longest = max(made.longest, len(p))
		}
	}
	leads := func(p string) bool {
		return len(p) <= made.longest && (made.leading[p] || p == "/etc")
	}
	for _, change := range paths {
		// A changed mode of the working directory itself is the service's.
		if change.Kind == Modified && leads(change.Path) && change.Path != workingDir {
			made.shadows[change.Path] = false
		}
	}
	explain(made.shadows, paths, func(change Change) bool {
		return change.Kind != Deleted && (leads(change.Path) || made.whole[change.Path])
	})
	return made
}

func (made engineMade) mountPoint(target string) {
	if behind, ok := behindLink(target); ok {
		made.whole[behind] = true
		made.lead(behind)
	}
	if target == "/" {
		return
	}
	made.whole[target] = true
	made.lead(target)
}

// lead marks the directories above a path.
func (made engineMade) lead(p string) {
	for p != "/" {
		p = parentOf(p)
		made.leading[p] = true
	}
}

func workingDirOf(c Container, img *Image) string {
	dir := c.WorkingDir
	if dir == "" && img != nil {
		dir = img.WorkingDir
	}
	if dir == "" {
		return ""
	}
	return canonical(dir)
}
