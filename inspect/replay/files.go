package replay

import (
	"io/fs"
	"path/filepath"
)

// ReadFile returns a Compose file of the recording, by its path in the recorded
// project's directory. It is a *fs.PathError that there is none.
func (r *Recording) ReadFile(path string) ([]byte, error) {
	for _, f := range r.Files {
		if path == filepath.Join(r.Dir, f.Name) {
			return []byte(f.Content), nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}
