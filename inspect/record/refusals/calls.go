package refusals

import "syscall"

// Where an argument is none.
const none = 0xff

// call says what a system call does with its arguments. It has the form in which the
// eBPF program reads it; user space reads only what is below that.
type call struct {
	errors     uint32 // wanted of it, one bit each
	must       uint32 // of which at least one must be set in the flags; 0: all of its calls count
	path, at   uint8  // argument with a path, argument with the directory that it starts from or the open file
	path2, at2 uint8
	flags      uint8 // argument with flags
	indirect   bool  // the flags stand where the argument points to
	address    bool  // the path is in a socket's address
	_          uint8
	name       string
	act        Act
	implied    uint64 // flags of a call that takes none
	amd64      int    // its number; 0 for none, since read is not in the table
	arm64      int
}

// The errors that can be wanted, as bits.
const (
	readOnly = 1 << uint(syscall.EROFS)
	denied   = 1<<uint(syscall.EACCES) | 1<<uint(syscall.EPERM)
	full     = 1 << uint(syscall.ENOSPC)
	anyError = readOnly | denied | full
)

// The values of Linux, which other systems have others for.
const (
	oWRONLY, oRDWR, oCREAT, oTRUNC = 0o1, 0o2, 0o100, 0o1000
	wOK                            = 2
	protExec                       = 4
	mapAnonymous                   = 0x20
)

// calls are those that write, or may be refused for what a plan can mend. In the
// columns: the arguments with path, directory, second path and its directory.
var calls = []call{
	open("open", 0, none, 1, 2, 0),
	open("openat", 1, 0, 2, 257, 56),
	{name: "openat2", act: Open, errors: anyError, must: oWRONLY | oRDWR | oCREAT | oTRUNC, path: 1, at: 0, path2: none, at2: none, flags: 2, indirect: true, amd64: 437, arm64: 437},
	{name: "creat", act: Open, errors: anyError, path: 0, at: none, path2: none, at2: none, flags: none, implied: oWRONLY | oCREAT | oTRUNC, amd64: 85},

	one("mkdir", Make, 0, none, 83, 0),
	one("mkdirat", Make, 1, 0, 258, 34),
	one("mknod", Make, 0, none, 133, 0),
	one("mknodat", Make, 1, 0, 259, 33),
	one("symlink", Make, 1, none, 88, 0),
	one("symlinkat", Make, 2, 1, 266, 36),
	two("link", Make, 1, none, 0, none, 86, 0),
	two("linkat", Make, 3, 2, 1, 0, 265, 37),
	{name: "bind", act: Make, errors: anyError, path: 1, at: none, path2: none, at2: none, flags: none, address: true, amd64: 49, arm64: 200},

	one("rmdir", Remove, 0, none, 84, 0),
	one("unlink", Remove, 0, none, 87, 0),
	one("unlinkat", Remove, 1, 0, 263, 35),
	two("rename", Rename, 0, none, 1, none, 82, 0),
	two("renameat", Rename, 1, 0, 3, 2, 264, 38),
	two("renameat2", Rename, 1, 0, 3, 2, 316, 276),

	one("chmod", Set, 0, none, 90, 0),
	one("fchmod", Set, none, 0, 91, 52),
	one("fchmodat", Set, 1, 0, 268, 53),
	one("fchmodat2", Set, 1, 0, 452, 452),
	one("chown", Set, 0, none, 92, 0),
	one("lchown", Set, 0, none, 94, 0),
	one("fchown", Set, none, 0, 93, 55),
	one("fchownat", Set, 1, 0, 260, 54),
	one("utime", Set, 0, none, 132, 0),
	one("utimes", Set, 0, none, 235, 0),
	one("futimesat", Set, 1, 0, 261, 0),
	one("utimensat", Set, 1, 0, 280, 88),
	one("setxattr", Set, 0, none, 188, 5),
	one("lsetxattr", Set, 0, none, 189, 6),
	one("fsetxattr", Set, none, 0, 190, 7),
	one("setxattrat", Set, 1, 0, 463, 463),
	one("removexattr", Set, 0, none, 197, 14),
	one("lremovexattr", Set, 0, none, 198, 15),
	one("fremovexattr", Set, none, 0, 199, 16),
	one("removexattrat", Set, 1, 0, 466, 466),

	one("truncate", Store, 0, none, 76, 45),
	store("ftruncate", 0, 77, 46),
	store("fallocate", 0, 285, 47),
	store("write", 0, 1, 64),
	store("pwrite64", 0, 18, 68),
	store("writev", 0, 20, 66),
	store("pwritev", 0, 296, 70),
	store("pwritev2", 0, 328, 287),
	store("sendfile", 0, 40, 71),
	store("splice", 2, 275, 76),
	store("copy_file_range", 2, 326, 285),
	store("fsync", 0, 74, 82),
	store("fdatasync", 0, 75, 83),

	probe("access", 0, none, 1, 21, 0),
	probe("faccessat", 1, 0, 2, 269, 48),
	probe("faccessat2", 1, 0, 2, 439, 439),

	execute("execve", 0, none, none, 0, 59, 221),
	execute("execveat", 1, 0, none, 0, 322, 281),
	execute("mmap", none, 4, 2, protExec, 9, 222),
	execute("mprotect", none, none, 2, protExec, 10, 226),
	execute("pkey_mprotect", none, none, 2, protExec, 329, 288),
}

func one(name string, act Act, path, at uint8, amd64, arm64 int) call {
	return two(name, act, path, at, none, none, amd64, arm64)
}

func two(name string, act Act, path, at, path2, at2 uint8, amd64, arm64 int) call {
	return call{name: name, act: act, errors: anyError, path: path, at: at, path2: path2, at2: at2, flags: none, amd64: amd64, arm64: arm64}
}

// open counts only where it wanted to write: a file that cannot be read is no refused write.
func open(name string, path, at, flags uint8, amd64, arm64 int) call {
	c := one(name, Open, path, at, amd64, arm64)
	c.flags, c.must = flags, oWRONLY|oRDWR|oCREAT|oTRUNC
	return c
}

// store writes into a file that is open, for which only space can be missing.
func store(name string, file uint8, amd64, arm64 int) call {
	c := one(name, Store, none, file, amd64, arm64)
	c.errors = full | readOnly
	return c
}

func probe(name string, path, at, mode uint8, amd64, arm64 int) call {
	c := one(name, Probe, path, at, amd64, arm64)
	c.flags, c.must = mode, wOK
	return c
}

func execute(name string, path, at, flags uint8, must uint32, amd64, arm64 int) call {
	c := one(name, Execute, path, at, amd64, arm64)
	c.errors, c.flags, c.must = denied, flags, must
	return c
}

// number is that of a call on a kind of machine; false where it has none.
func (c call) number(arch string) (int, bool) {
	switch arch {
	case "amd64":
		return c.amd64, c.amd64 != 0
	case "arm64":
		return c.arm64, c.arm64 != 0
	}
	return 0, false
}
