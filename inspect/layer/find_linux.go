package layer

import (
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"petrify/inspect/layer/options"
	"petrify/inspect/process"
	"petrify/model"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// Find says where the layers of a container are: as the engine names them or, where
// it does not (Docker with containerd's image store), as the mount table does while
// the container runs. An error that is ErrNotHere says why they cannot be read.
//
// Names are taken from the tables of the engine's host only, never from the
// container's own, where it may have mounted what it likes.
func Find(p model.Place) (Dirs, error) {
	if err := possible(); err != nil {
		return Dirs{}, err
	}
	var why error
	for _, proc := range hosts(p) {
		dirs, err := findFrom(proc, p)
		if err == nil {
			return dirs, nil
		}
		if why == nil {
			why = err
		}
	}
	return Dirs{}, why
}

// possible reports why nothing can be read at all. Attributes of overlays are shown
// to the host's root only, and are simply missing for others.
func possible() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return fmt.Errorf("%w: read own capabilities: %w", ErrNotHere, err)
	}
	if sets[0].Effective&(1<<unix.CAP_SYS_ADMIN) == 0 {
		return fmt.Errorf("%w: it takes root, with SYS_ADMIN", ErrNotHere)
	}
	users, err := os.ReadFile("/proc/self/uid_map")
	if fields := strings.Fields(string(users)); err != nil || len(fields) != 3 || fields[0] != "0" || fields[1] != "0" || fields[2] != "4294967295" {
		return fmt.Errorf("%w: it takes the host's root, and not that of a user namespace", ErrNotHere)
	}
	return nil
}

// hosts are the processes in whose mount tables a container's root may be: this one,
// the host's first where this one is in a container, and the program that started
// the container's first process, since an engine may have a mount table of its own.
func hosts(p model.Place) []string {
	procs := []string{"/proc/self", "/proc/1"}
	if process.InContainer(p.PID, p.Container.ID) {
		if parent := parentOf(p.PID); parent > 1 {
			procs = append(procs, "/proc/"+strconv.Itoa(parent))
		}
	}
	return procs
}

func parentOf(pid int) int {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, rest, _ := strings.Cut(string(text), "\nPPid:\t")
	line, _, _ := strings.Cut(rest, "\n")
	parent, _ := strconv.Atoi(line)
	return parent
}

func findFrom(proc string, p model.Place) (Dirs, error) {
	root := proc + "/root"
	isDir := func(dir string) bool {
		info, err := os.Stat(root + dir)
		return err == nil && info.IsDir()
	}
	mount, err := mountOf(proc+"/mountinfo", p)
	if err != nil {
		return Dirs{}, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	var dirs Dirs
	switch {
	case p.Upper != "" && p.Lower != "":
		dirs = Dirs{Upper: p.Upper, Lower: strings.Split(p.Lower, ":")}
		if dirs.Form, err = formOf(mount, p.Driver, root+p.Upper); err != nil {
			return Dirs{}, err
		}
	case mount == nil:
		return Dirs{}, fmt.Errorf("%w: the engine does not say where it is, and it is not mounted here", ErrNotHere)
	case mount.FSType != "overlay":
		return Dirs{}, fmt.Errorf("%w: a mount of %s does not say where it is", ErrNotHere, mount.FSType)
	default:
		said, ok := options.Read(mount.VFSOptions, isDir)
		if !ok {
			return Dirs{}, fmt.Errorf("%w: the options of its mount do not say where it is", ErrNotHere)
		}
		dirs = Dirs{Upper: said.Upper, Lower: said.Lower}
		if said.User {
			dirs.Form = UserOverlay
		}
	}
	if !isDir(dirs.Upper) {
		return Dirs{}, fmt.Errorf("%w: there is no %s on this host", ErrNotHere, dirs.Upper)
	}
	dirs.Upper = root + dirs.Upper
	for i := range dirs.Lower {
		dirs.Lower[i] = root + dirs.Lower[i]
	}
	return dirs, nil
}

// mountOf finds the mount of a container's root: it is where the engine says, or
// in a directory with the container's name. nil is that there is none.
func mountOf(table string, p model.Place) (*mountinfo.Info, error) {
	file, err := os.Open(table)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	mounts, err := mountinfo.GetMountsFromReader(file, func(m *mountinfo.Info) (skip, stop bool) {
		id, at := p.Container.ID, m.Mountpoint
		ours := at == p.Root && at != "" || id != "" && (path.Base(at) == id || path.Base(path.Dir(at)) == id)
		return !ours || !options.Layered(m.FSType), false
	})
	if err != nil || len(mounts) == 0 {
		return nil, err
	}
	return mounts[len(mounts)-1], nil // the one on top
}

// formOf says which marks an overlay takes. One that is not mounted is known by the
// engine's driver, and by its owner whether the host's root has made it: a rootless
// engine's marks are others.
func formOf(mount *mountinfo.Info, driver, upper string) (Form, error) {
	switch {
	case mount != nil && mount.FSType != "overlay":
		return Fuse, nil
	case mount != nil && strings.Contains(","+mount.VFSOptions+",", ",userxattr,"):
		return UserOverlay, nil
	case mount != nil:
		return Overlay, nil
	case driver == "fuse-overlayfs":
		return Fuse, nil
	case driver != "overlay2" && driver != "overlay" && driver != "overlayfs":
		return 0, fmt.Errorf("%w: it is unknown how the driver %q marks what is deleted", ErrNotHere, driver)
	}
	var st unix.Stat_t
	if err := unix.Stat(path.Dir(upper), &st); err != nil || st.Uid != 0 {
		return 0, fmt.Errorf("%w: the root of a container that does not run belongs to another user", ErrNotHere)
	}
	return Overlay, nil
}
