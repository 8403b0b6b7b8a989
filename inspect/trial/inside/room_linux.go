package inside

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Free is how much room there is where a directory lies, and in memory.
func Free(dir string) (Room, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return Room{}, fmt.Errorf("look how much room there is in %s: %w", dir, err)
	}
	room := Room{Disk: int64(st.Bavail) * st.Bsize}
	memory, err := os.Open("/proc/meminfo")
	if err != nil {
		return room, err
	}
	defer memory.Close()
	lines := bufio.NewScanner(memory)
	for lines.Scan() {
		// MemAvailable:   21000000 kB
		if fields := strings.Fields(lines.Text()); len(fields) >= 2 && fields[0] == "MemAvailable:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			room.Memory = kilobytes << 10
			return room, err
		}
	}
	return room, lines.Err()
}

// blockSize is that of stat's blocks, whatever the file system's are.
const blockSize = 512

// Measure says how much a tree, or a file, takes up. What goes meanwhile does not count.
func Measure(ctx context.Context, root string) (Size, error) {
	var size Size
	linked := map[inode]bool{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		var st unix.Stat_t
		if err == nil {
			err = unix.Lstat(path, &st)
		}
		if isGone(err) && path != root {
			return nil
		}
		if err != nil {
			return err
		}
		if id := (inode{st.Dev, st.Ino}); st.Nlink > 1 && st.Mode&unix.S_IFMT != unix.S_IFDIR {
			if linked[id] {
				return nil
			}
			linked[id] = true
		}
		size.Files++
		size.Bytes += st.Blocks * blockSize
		return nil
	})
	return size, err
}
