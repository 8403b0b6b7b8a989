package model

// FileTakenError says that a file cannot be written, since something is there that may
// not be replaced.
type FileTakenError struct {
	Name    string
	Regular bool // a file that petrify did not write; else it is no file, but a folder or a device
}

func (e *FileTakenError) Error() string {
	if e.Regular {
		return e.Name + " was not written by petrify plan"
	}
	return e.Name + " is not a file"
}
