package recorder

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"petrify/model"
)

// Paths in containers are hostile: a directory may be a link to the host's by the
// time it is opened. So they are resolved by the kernel below the container's root.

// openRoot opens a directory of the host, such as the root of a process.
func openRoot(path string) (int, error) {
	return unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// openIn opens a path below a root, never outside of it. A link at its end is not
// followed.
func openIn(root int, path string, flags uint64) (int, error) {
	return unix.Openat2(root, path, &unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
}

// fact is what one look at a path tells.
type fact struct {
	there bool
	kind  model.FileType
	size  int64
}

// lookIn looks at a path below a root; not known where it may not be looked at.
func lookIn(root int, path string) (f fact, known bool) {
	fd, err := openIn(root, path, unix.O_PATH)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return fact{}, true
	}
	if err != nil {
		return fact{}, false
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return fact{}, false
	}
	return fact{there: true, kind: fileType(st.Mode), size: st.Size}, true
}

func fileType(mode uint32) model.FileType {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return model.Regular
	case unix.S_IFDIR:
		return model.Directory
	case unix.S_IFLNK:
		return model.Symlink
	case unix.S_IFIFO:
		return model.FIFO
	case unix.S_IFSOCK:
		return model.Socket
	default:
		return model.Device
	}
}

// rootOf is where the files of a process are found.
func rootOf(pid int) string { return "/proc/" + strconv.Itoa(pid) + "/root" }

// deletedMark is what the kernel adds to the path of an open file that is gone.
const deletedMark = " (deleted)"

// opened says of an open file where it is, and what: by its mount and path, as
// whoever opened it sees them.
type opened struct {
	mount   int
	dev     string
	inode   uint64
	path    string
	kind    model.FileType
	size    int64
	removed bool
}

// describe looks at the file of an event, without asking a file server (FUSE).
func describe(fd int) (opened, error) {
	var st unix.Statx_t
	err := unix.Statx(fd, "", unix.AT_EMPTY_PATH|unix.AT_STATX_DONT_SYNC,
		unix.STATX_TYPE|unix.STATX_MODE|unix.STATX_INO|unix.STATX_SIZE|unix.STATX_MNT_ID, &st)
	if err != nil {
		return opened{}, err
	}
	path, err := os.Readlink(ownFile(fd))
	if err != nil {
		return opened{}, err
	}
	o := opened{
		mount: int(st.Mnt_id), inode: st.Ino, path: path, kind: fileType(uint32(st.Mode)), size: int64(st.Size),
		dev: strconv.Itoa(int(st.Dev_major)) + ":" + strconv.Itoa(int(st.Dev_minor)),
	}
	// The number of links does not tell: a file server (FUSE) keeps it until the file
	// is closed. Hardly any file has such a name.
	o.path, o.removed = strings.CutSuffix(path, deletedMark)
	return o, nil
}

// unnamed reports whether a removed path is that of a file which never had a name
// (O_TMPFILE): the kernel shows its number.
func unnamed(path string) bool {
	digits, found := strings.CutPrefix(baseOf(path), "#")
	return found && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// isMount reports whether an open directory or file lies in the mount of a number, as
// mount tables have it. A kernel that does not tell (before 5.8) is believed.
func isMount(fd, id int) bool {
	var st unix.Statx_t
	if err := unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &st); err != nil || st.Mask&unix.STATX_MNT_ID == 0 {
		return true
	}
	return st.Mnt_id == uint64(id)
}
