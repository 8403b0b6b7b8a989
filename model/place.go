package model

// Place is where a container's files and its first process are, as the engine's
// host sees them. What an engine does not tell is empty: with containerd's image
// store it names no directories.
type Place struct {
	Container Container
	PID       int    // 0 while it does not run
	Root      string // where its root is mounted while it runs
	Upper     string // the directory of its writable layer
	Lower     string // the directories of its image, with colons between
	Driver    string // what keeps those, as the engine names it
}
