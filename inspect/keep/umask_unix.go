//go:build unix

package keep

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// umask is what the mode of a new file loses. It can only be read by setting it,
// which disturbs nobody while the program starts.
var umask = func() fs.FileMode {
	mask := unix.Umask(0)
	unix.Umask(mask)
	return fs.FileMode(mask) //nolint:gosec // nine bits
}()
