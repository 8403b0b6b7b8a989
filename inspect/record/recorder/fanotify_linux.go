package recorder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The events of the two kinds of marks.
const (
	contentEvents = unix.FAN_MODIFY | unix.FAN_CLOSE_WRITE | unix.FAN_OPEN_EXEC
	nameEvents    = unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_MOVED_FROM | unix.FAN_MOVED_TO |
		unix.FAN_ATTRIB | unix.FAN_ONDIR | unix.FAN_EVENT_ON_CHILD
)

// newContentGroup tells of content. Each of its events brings an open file.
func newContentGroup() (int, error) {
	return unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK, unix.O_RDONLY|unix.O_LARGEFILE|unix.O_CLOEXEC|unix.O_NOATIME)
}

// newNamesGroup tells of names in marked directories.
func newNamesGroup() (int, error) {
	return unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_REPORT_DFID_NAME|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK, unix.O_RDONLY|unix.O_CLOEXEC)
}

func possible() error {
	fd, err := newContentGroup()
	switch {
	case errors.Is(err, unix.EPERM):
		return errors.New("watching writes takes root with CAP_SYS_ADMIN")
	case errors.Is(err, unix.ENOSYS):
		return errors.New("this kernel has no fanotify")
	case err != nil:
		return fmt.Errorf("the kernel does not let writes be watched: %w", err)
	}
	unix.Close(fd)
	return nil
}

// event is one of the kernel's, of either kind.
type event struct {
	mask uint64
	pid  int
	fd   int    // an open file, of content events; else negative
	dir  handle // of name events
	name string
}

// handle is what identifies a directory in name events.
type handle string

const metadataSize = int(unsafe.Sizeof(unix.FanotifyEventMetadata{}))

var errVersion = errors.New("this kernel reports writes in another format")

// parseEvents takes apart what was read of a group. What does not fit is dropped.
func parseEvents(buf []byte, each func(event)) error {
	for len(buf) >= metadataSize {
		size := int(binary.NativeEndian.Uint32(buf))
		if size < metadataSize || size > len(buf) {
			return nil
		}
		if buf[4] != unix.FANOTIFY_METADATA_VERSION {
			return errVersion
		}
		e := event{
			mask: binary.NativeEndian.Uint64(buf[8:]),
			fd:   int(int32(binary.NativeEndian.Uint32(buf[16:]))),
			pid:  int(int32(binary.NativeEndian.Uint32(buf[20:]))),
		}
		e.dir, e.name = parseInfo(buf[min(int(binary.NativeEndian.Uint16(buf[6:])), size):size])
		each(e)
		buf = buf[size:]
	}
	return nil
}

// parseInfo finds the directory and the name in an event's records: a header of
// four bytes, eight of the file system's number, the handle, and the name with a
// zero behind it.
func parseInfo(records []byte) (handle, string) {
	for len(records) >= 20 {
		size := int(binary.NativeEndian.Uint16(records[2:]))
		if size < 20 || size > len(records) {
			return "", ""
		}
		if records[0] == unix.FAN_EVENT_INFO_TYPE_DFID_NAME {
			until := 20 + int(binary.NativeEndian.Uint32(records[12:]))
			if until < 20 || until > size {
				return "", ""
			}
			return handle(records[16:until]), unix.ByteSliceToString(records[until:size])
		}
		records = records[size:]
	}
	return "", ""
}

// handleFID is AT_HANDLE_FID of linux/fcntl.h, which x/sys does not have yet.
const handleFID = 0x200

// handleOf identifies an open directory as its events will. The flag asks for a
// handle that need not be opened again, which more file systems give.
func handleOf(fd int) (handle, error) {
	h, _, err := unix.NameToHandleAt(fd, "", unix.AT_EMPTY_PATH|handleFID)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.5
		h, _, err = unix.NameToHandleAt(fd, "", unix.AT_EMPTY_PATH)
	}
	if err != nil {
		return "", err
	}
	raw := binary.NativeEndian.AppendUint32(nil, uint32(h.Type()))
	return handle(append(raw, h.Bytes()...)), nil
}

// markAt adds marks for what a descriptor stands for, which may be a mere path.
func markAt(group, fd int, kind uint, events uint64) error {
	return unix.FanotifyMark(group, unix.FAN_MARK_ADD|kind, events, unix.AT_FDCWD, ownFile(fd))
}

// markDirectory marks an open directory.
func markDirectory(group, fd int) error {
	return unix.FanotifyMark(group, unix.FAN_MARK_ADD|unix.FAN_MARK_ONLYDIR, nameEvents, fd, "")
}

// ownFile is where a descriptor of this process is found.
func ownFile(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }
