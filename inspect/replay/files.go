package replay

import (
	"io/fs"
	"path/filepath"
)

// ReadFile returns a Compose file of the capture, by its path in the captured
// project's directory. It is a *fs.PathError that there is none.
func (c *Capture) ReadFile(path string) ([]byte, error) {
	for _, f := range c.Files {
		if path == filepath.Join(c.Dir, f.Name) {
			return []byte(f.Content), nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}
