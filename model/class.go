package model

// Class is what kind of thing a write is: it decides what becomes of the write on
// a read-only root.
type Class string

// The classes of writes.
const (
	RuntimeState  Class = "runtime state"
	Temporary     Class = "temporary files"
	GeneratedCode Class = "generated code"
	ToolCache     Class = "cache"
	Logs          Class = "logs"
	Sessions      Class = "sessions"
	UserData      Class = "user data"
	Database      Class = "database"
	Configuration Class = "configuration rewrite"
	Identity      Class = "identity"
	CodeChange    Class = "code change"
	Home          Class = "home"
	Unclassified  Class = "unclassified"
)

// Classification is a write's class with the sign that tells it.
type Classification struct {
	Class Class
	Why   string // such as "below /run", for a reader
	// Place is the directory that the sign is about, such as an uploads folder: more may
	// be written anywhere below it. "" where the sign is a name.
	Place string
	// Broad says that the place holds other things as well, so that a deeper directory
	// may do.
	Broad bool
	// Harmless says that a service runs on when such a write is refused.
	Harmless bool
}

// classes is what follows from a class.
var classes = map[Class]struct {
	remedy string // for somebody who meets a read-only root for the first time
	better string // what makes a mount for it unnecessary
	keeps  bool
}{
	RuntimeState: {
		"Pid files, sockets and locks are made anew at each start: a small tmpfs holds them. A socket for another service needs a volume that both mount.",
		"an option of the program that puts its pid file and socket where it may write already", false,
	},
	Temporary: {
		"Nobody misses them after a restart: a tmpfs with a size holds them.",
		"a TMPDIR that is writable already, such as /dev/shm for little", false,
	},
	GeneratedCode: {
		"Programs write it to start faster: generate it when the image is built, or switch it off. Else a tmpfs holds it.",
		"generating it when the image is built, or switching it off (PYTHONDONTWRITEBYTECODE=1 for Python)", false,
	},
	ToolCache: {
		"What a cache loses is made again: point it elsewhere with an environment variable (XDG_CACHE_HOME, npm_config_cache), or give it a tmpfs.",
		"an environment variable that points the cache elsewhere, or a cache that is filled when the image is built", false,
	},
	Logs: {
		"Write them to standard output, where the engine collects them. Else a tmpfs with a size, or a volume, holds them.",
		"logging to standard output (a link to /dev/stdout in the image will do)", false,
	},
	Sessions: {
		"Keep them in an external store, or in a volume: a tmpfs would log everybody out at each restart.",
		"an external store for sessions, such as redis", true,
	},
	UserData: {
		"It must survive the container: a named volume keeps it.",
		"an object store for what users bring", true,
	},
	Database: {
		"It must survive the container: a named volume on its directory, so that the journals beside it are kept with it.",
		"a database server of its own, with its own volume", true,
	},
	Configuration: {
		"Files that are rendered at each start: render them when the image is built, or mount them ready-made and read-only. Else a volume that starts with the image's files takes them.",
		"rendering it when the image is built, or mounting it ready-made and read-only", false,
	},
	Identity: {
		"Keys and cookies that tell who a service is: a secret, or a volume, as new ones would make it a stranger.",
		"a secret that is mounted instead of made", true,
	},
	CodeChange: {
		"The program itself changed after it was deployed: look who did it, then build it into the image. A plan never makes it writable by itself.",
		"building the change into the image", false,
	},
	Home: {
		"This is what a person in a shell leaves behind: it is left out.",
		"working in a container of its own, not in the one that serves", false,
	},
	Unclassified: {
		"Nothing tells what it is, so it is kept: a named volume takes it.",
		"an option of the program that moves it to a directory of its own", true,
	},
}

// Remedy says what to do about such writes, in words for a newcomer.
func (c Class) Remedy() string { return classes[c].remedy }

// Keeps reports whether such writes must survive their container. What nobody
// knows might have to.
func (c Class) Keeps() bool { return classes[c].keeps }

// Alarm reports whether such writes are a reason to look who made them.
func (c Class) Alarm() bool { return c == CodeChange }

// Better says what makes a mount for such writes unnecessary.
func (c Class) Better() string { return classes[c].better }
