package stack

import (
	"slices"
	"time"

	"petrify/model"
)

// What the engine itself leaves in a writable layer. `docker diff` lists it among
// the service's changes, though the service wrote none of it:
//
//   - mount points that the image lacks, anonymous volumes' included, and the
//     directories that lead to them, are added; what held them is modified. Where a
//     target goes through a link of the image, they are where the link leads.
//   - a working directory that the image lacks is added, with what leads to it.
//   - the files in engineFiles are put into every container, and what holds them
//     is modified. Podman says so of /etc always.
//   - the init program is put into a container that has one, and into no other: a
//     file of its name elsewhere is the service's.
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
}

// initFiles are where `init: true` puts a program: Docker at /sbin/docker-init, which
// is elsewhere where /sbin is a link (a merged /usr, or one with a merged sbin).
var initFiles = []string{"/sbin/docker-init", "/usr/sbin/docker-init", "/usr/bin/docker-init", "/bin/docker-init", "/run/podman-init"}

// NewChanges makes one answer of an engine into changes, with what the engine
// itself made set apart. Without an image, pass nil.
func NewChanges(paths []model.Change, c model.Container, img *model.Image, taken time.Time, took time.Duration) model.Changes {
	made := newEngineMade(paths, c, img)
	drop := func(change model.Change) bool {
		if len(change.Path) > made.longest {
			return false
		}
		switch change.Kind {
		case model.Added:
			return made.whole[change.Path] || made.leading[change.Path]
		case model.Modified:
			if made.whole[change.Path] {
				return true
			}
			leading, listed := made.parents[change.Path]
			return listed && !leading
		default:
			return false
		}
	}
	var dropped []model.Change
	for _, change := range paths {
		if drop(change) {
			dropped = append(dropped, change)
		}
	}
	kept := paths
	if len(dropped) > 0 {
		kept = make([]model.Change, 0, len(paths)-len(dropped))
		for _, change := range paths {
			if !drop(change) {
				kept = append(kept, change)
			}
		}
	}
	return model.Changes{Paths: kept, Taken: taken, Took: took, EngineMade: dropped}
}

// engineMade is what the engine made, or may have made, in one container.
type engineMade struct {
	whole   map[string]bool // its own, added or modified
	leading map[string]bool // directories that lead there; its own when added
	// parents are the leading directories that are listed as modified: true when
	// something of the service below them explains it.
	parents map[string]bool
	// longest is how long a path of these can be: most of a million are longer.
	longest int
}

func newEngineMade(paths []model.Change, c model.Container, img *model.Image) engineMade {
	made := engineMade{whole: map[string]bool{}, leading: map[string]bool{}, parents: map[string]bool{}}
	for _, m := range c.Mounts {
		target := model.Canonical(m.Target)
		made.mountPoint(target)
		if behind, ok := c.Behind[target]; ok {
			made.mountPoint(behind)
		}
	}
	if img != nil {
		for _, target := range img.Volumes {
			made.mountPoint(model.Canonical(target))
		}
	}
	workingDir := workingDirOf(c, img)
	for _, dir := range []string{workingDir, c.Behind[workingDir]} {
		if dir != "" {
			made.leading[dir] = true
			made.lead(dir)
		}
	}
	made.files(paths, engineFiles)
	if c.Init {
		made.files(paths, initFiles)
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
		if change.Kind == model.Modified && leads(change.Path) && change.Path != workingDir {
			made.parents[change.Path] = false
		}
	}
	explain(made.parents, paths, func(change model.Change) bool {
		return change.Kind != model.Deleted && (leads(change.Path) || made.whole[change.Path])
	})
	return made
}

func (made engineMade) mountPoint(target string) {
	if behind, ok := model.BehindLink(target); ok {
		made.whole[behind] = true
		made.lead(behind)
	}
	if target == "/" {
		return
	}
	made.whole[target] = true
	made.lead(target)
}

// files are those of the engine's that are among the changes.
func (made engineMade) files(paths []model.Change, own []string) {
	longest := 0
	for _, file := range own {
		longest = max(longest, len(file))
	}
	for _, change := range paths {
		if change.Kind != model.Deleted && len(change.Path) <= longest && slices.Contains(own, change.Path) {
			made.whole[change.Path] = true
			made.lead(change.Path)
		}
	}
}

// lead marks the directories above a path.
func (made engineMade) lead(p string) {
	for p != "/" {
		p = model.Parent(p)
		made.leading[p] = true
	}
}

func workingDirOf(c model.Container, img *model.Image) string {
	dir := c.WorkingDir
	if dir == "" && img != nil {
		dir = img.WorkingDir
	}
	if dir == "" {
		return ""
	}
	return model.Canonical(dir)
}

// WithoutEngines returns those of the paths that were copied up which are not the
// engine's: it binds its own files and all mounts over what the image has.
func WithoutEngines(copied []model.CopiedUp, c model.Container, img *model.Image) []model.CopiedUp {
	if len(copied) == 0 {
		return nil
	}
	made := newEngineMade(nil, c, img)
	var kept []model.CopiedUp
	for _, one := range copied {
		own := made.whole[one.Path] || slices.Contains(engineFiles, one.Path) || c.Init && slices.Contains(initFiles, one.Path)
		if !own {
			kept = append(kept, one)
		}
	}
	return kept
}
