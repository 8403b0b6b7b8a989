package model

import (
	"regexp"
	"slices"
	"strings"
)

// How a line of a log tells of a write that was refused:
//
//   - It has the error: as the C library says it, by name or by number. A line that only
//     mentions a read-only file system has none.
//   - It has a path, in one of the forms below; the first that fits is taken. Those that
//     one runtime alone uses come before those that many do.
//   - The call that is named tells what was tried, else the words before the path do.
//   - What is below /proc or /sys, and any setting of the kernel, is no write of a file.
//   - In doubt, no path is taken: a wrong one would make a wrong mount.

// logRefusal is a refused write that a line of a log tells of.
type logRefusal struct {
	Path string // as said: relative where the line says no more; "" where it says none
	Err  Errno
	Acts Acts     // 0 where it is not said
	Type FileType // "" where it is not said
	// Running says that a program was refused to run from the path, or to be mapped.
	Running bool
}

// logErrors are the errors, by how software says them in lower case.
var logErrors = []struct {
	err     Errno
	said    *regexp.Regexp
	running bool
}{
	{NotYoursError, regexp.MustCompile(`(?i)failed to map segment from shared object`), true},
	{ReadOnlyError, regexp.MustCompile(`(?i)read-?only ?file ?system|\berofs\b|\b(?:errno|errcode|error number|os error)\b[ :=]*30\b`), false},
	{FullError, regexp.MustCompile(`(?i)no space left on device|\benospc\b|disk quota exceeded|\b(?:errno|errcode|error number|os error)\b[ :=]*28\b`), false},
	{DeniedError, regexp.MustCompile(`(?i)permission denied|\beacces\b|AccessDeniedException|UnauthorizedAccessException|\b(?:errno|errcode|error number|os error)\b[ :=]*13\b`), false},
	{NotYoursError, regexp.MustCompile(`(?i)operation not permitted|\beperm\b`), false},
}

// Parts of the forms. A quoted path ends at a quote that no word follows, so that one
// with an apostrophe stays whole.
const (
	saidError = `(?i:[\[(]?(?:errno|os errno|errcode:?|os error)?[ :]*\d*[\]) ]*(?:[\]:)"' -]*)?"?(?:read-?only ?file ?system|no space left on device|permission denied|operation not permitted|disk quota exceeded))`
	quoted    = `(?:'([^'\n]+(?:'\w[^'\n]*)*)'|"([^"\n]+)"|` + "`([^`'\n]+)['`]" + `|‘([^’\n]+)’|“([^”\n]+)”|«([^»\n]+)»)`
	bare      = `(/[^\s:;,'"()<>\[\]{}|]+)`
	spaced    = `(/[^:;'"()<>\[\]{}|\n]*[^:;'"()<>\[\]{}|\s])`
)

// logForm is how software of one kind writes a refusal.
type logForm struct {
	from string // whose it is
	*regexp.Regexp
	call  int // number of the group that names the call; 0 where there is none
	paths int // number of the first group of a path; the others follow

	nameFirst bool // the first path is the name of a file that is made in the second
}

func newForm(from, expression string, call, paths int) logForm {
	return logForm{from: from, Regexp: regexp.MustCompile(expression), call: call, paths: paths}
}

func (f logForm) withNameFirst() logForm {
	f.nameFirst = true
	return f
}

// logForms are all forms, in the order in which they are tried.
var logForms = []logForm{
	newForm("Node.js", `\bE(?:ROFS|NOSPC|ACCES|PERM): [a-z -]+, (\w+) `+quoted+`(?: -> `+quoted+`)?`, 1, 2),
	newForm("Ruby", `@ (\w+) - \((/[^\n]+?), (/[^\n]+?)\)`, 1, 2),
	newForm("Ruby", `@ (\w+) - (/[^\n]+?)(?: ?\(Errno::\w+\)|\)|$)`, 1, 2),
	newForm("Python", `\[Errno \d+\] [A-Za-z -]+: b?`+quoted+`(?: -> b?`+quoted+`)?`, 0, 1),
	newForm("PHP", `\b(fopen|file_put_contents|mkdir|rmdir|unlink|rename|touch|copy|chmod|chown|symlink|tempnam|fsockopen|include|include_once|require|require_once|SplFileObject::__construct|session_start|error_log|move_uploaded_file|opendir|file|fwrite)\((/[^\n]*?)(?:, ?(/[^\n]*?))?\): (?:[Ff]ailed to open (?:stream|dir|directory): )?`+saidError, 1, 2),
	newForm("C# and F#", `(?i)read-only file system : `+quoted, 0, 1),
	newForm("C# and F#", `Access to the path `+quoted+` is denied`, 0, 1),
	newForm("nginx", `\b(\w+)\(\) (?:socket )?"([^"\n]+)"(?: to "([^"\n]+)")?(?: .*)? ?failed \(\d+: `, 1, 2),
	newForm("calls", `\b(open|mkdir|creat|unlink|rename|bind|chmod|chown|mkstemp|symlink|link|rmdir|mknod|mkfifo)\(\s*"?(/[^,"()\n]+)"?[^()\n]*\)[^/\n]*?`+saidError, 1, 2),
	newForm("Redis", `(RDB) file (\S+) \(in server root dir (/[^\n]*?)\) for saving: `, 0, 2).withNameFirst(),
	newForm("Redis", `(create) append-only dir ([^\s:]+): `, 1, 2),
	newForm("MySQL", `(?i)\b(create/write to|create|write to|write|open|delete|rename|find|stat|lock|make)\b[a-z ]*(?:file|directory|dir|table)? ?`+quoted+`(?: to `+quoted+`)? ?(?:not found )?\((?:OS )?(?:errno|errcode|error)`, 1, 2),
	newForm("MySQL", `(?i)\bfile `+quoted+` not found \((?:OS )?err(?:no|code)`, 0, 1),
	newForm("Java", `(?:FileNotFoundException|FileSystemException|AccessDeniedException|IOException|UnsatisfiedLinkError|FileAlreadyExistsException)(?: \w+)?: (/[^\n]*?)(?: -> (/[^\n]*?))?(?:: | \((?i:read-?only|no space|permission)|$)`, 0, 1),
	newForm("Go", `\blisten (unix) (/[^\n]+?): bind: `, 1, 2),
	newForm("Go", `\b(rename|link|symlink) (/\S+) (/\S+): `+saidError, 1, 2),
	newForm("Go", `\b(open|openat|mkdir|mkdirat|remove|unlink|unlinkat|rmdir|truncate|chmod|lchown|chown|chtimes|fork/exec|exec|mkfifo|mknod|create|write|copy_file_range|sync|mkdirtemp|createtemp) (/[^:\n"]+): `+saidError, 1, 2),
	newForm("Apache", `\(\d+\)(?i:read-only file system|no space left on device|permission denied): [^/\n]*?`+bare, 0, 1),
	newForm("dynamic linker", bare+`: failed to map segment from shared object`, 0, 1),
	newForm("MongoDB", `"path":"(/[^"\n]+)"`, 0, 1),
	newForm("rename", `(?i)\b(renam\w*|mov\w*) (?:file )?`+quoted+` to `+quoted+`[^/\n]{0,40}?`+saidError, 1, 2),
	newForm("quoted, then the error", quoted+`[^'"/\n]{0,60}?`+saidError, 0, 1),
	newForm("the error, then quoted", saidError+`[^/'"\n]{0,60}`+quoted, 0, 1),
	newForm("shells", `\b(?:cannot|can't) (create|open) ([^\s:'"]+): `+saidError, 1, 2),
	newForm("after a verb", `(?i)\b(?:cannot|can't|could not|couldn't|failed to|unable to|error|failure)\b[^/:\n]*? `+spaced+` ?[:(] ?`+saidError, 0, 1),
	newForm("then the error", `(?:^|[\s=:("'])`+bare+` ?(?:: |\(|- |because |as )\s*(?:\w+ ){0,2}`+saidError, 0, 1),
	newForm("then the error, with spaces", `: `+spaced+`: `+saidError, 0, 1),
	newForm("the error, then a path", saidError+`: `+spaced+`$`, 0, 1),
	newForm("a verb, a path, and the error later", `(?i)\b(?:create|creating|open|opening|write|writing|save|saving|make|making)\b[^/:\n]{0,60}?`+bare+`[ ,;:.].{0,80}?`+saidError, 0, 1),
}

// callActs are what the calls that are named do. Those of Ruby are functions of its own.
var callActs = map[string]struct {
	acts Acts
	made FileType
}{
	"mkdir": {Made, Directory}, "mkdirat": {Made, Directory}, "mkdtemp": {Made, Directory}, "mkdirtemp": {Made, Directory}, "dir_s_mkdir": {Made, Directory}, "make": {Made, Directory},
	"symlink": {Made, Symlink}, "rb_file_s_symlink": {Made, Symlink}, "link": {Made, ""}, "rb_file_s_link": {Made, ""},
	"bind": {Made, Socket}, "unix": {Made, Socket}, "mkfifo": {Made, FIFO}, "rb_file_s_mkfifo": {Made, FIFO}, "mknod": {Made, ""},
	"creat": {Made, Regular}, "create": {Made, ""}, "create/write to": {Made, Regular}, "mkstemp": {Made, Regular}, "createtemp": {Made, Regular},
	"tempnam": {Made, Regular}, "touch": {Made, Regular}, "copy": {Made, Regular}, "copyfile": {Made, Regular}, "move_uploaded_file": {Made, Regular},
	"open": {Opened, ""}, "openat": {Opened, ""}, "fopen": {Opened, ""}, "file_put_contents": {Opened, ""}, "rb_sysopen": {Opened, ""}, "write": {Stored, ""}, "write to": {Stored, ""},
	"fwrite": {Stored, ""}, "error_log": {Opened, ""}, "SplFileObject::__construct": {Opened, ""}, "truncate": {Stored, ""}, "ftruncate": {Stored, ""}, "copy_file_range": {Stored, ""}, "sync": {Stored, ""},
	"unlink": {Removed, ""}, "unlinkat": {Removed, ""}, "remove": {Removed, ""}, "rmdir": {Removed, Directory}, "delete": {Removed, ""}, "rm": {Removed, ""},
	"apply2files": {Set | Removed, ""}, "dir_s_rmdir": {Removed, Directory},
	"rename": {Removed | Made, ""}, "rb_file_s_rename": {Removed | Made, ""},
	"chmod": {Set, ""}, "chown": {Set, ""}, "lchown": {Set, ""}, "fchmod": {Set, ""}, "fchown": {Set, ""}, "chtimes": {Set, ""}, "utime": {Set, ""}, "utimes": {Set, ""}, "futime": {Set, ""},
	"fork/exec": {Ran, ""}, "exec": {Ran, ""}, "spawn": {Ran, ""},
}

// readingCalls are those that are refused only because of who calls.
var readingCalls = []string{"stat", "lstat", "scandir", "opendir", "readdir", "read", "find", "lock", "access", "include", "include_once", "require", "require_once", "file", "dir_initialize", "connect", "rb_file_s_size"}

// actWords are words before a path that tell what was tried. The one nearest to the path
// decides; of several at the same place, the first in the table.
var actWords = []struct {
	*regexp.Regexp
	acts Acts
	made FileType
}{
	{regexp.MustCompile(`(?i)\b(?:mkdir|creat\w*(?: \w+){0,2} director\w+|mak\w+ director\w+|create dir)\b`), Made, Directory},
	{regexp.MustCompile(`(?i)\b(?:symbolic link|symlink)\b`), Made, Symlink},
	{regexp.MustCompile(`(?i)\b(?:bind|socket)\b`), Made, Socket},
	{regexp.MustCompile(`(?i)\b(?:creat\w*|touch|mktemp|mkstemp|install|cp|copy\w*|ln)\b`), Made, ""},
	{regexp.MustCompile(`(?i)\b(?:remov\w*|unlink\w*|delet\w*|rm|rmdir)\b`), Removed, ""},
	{regexp.MustCompile(`(?i)\b(?:renam\w*|mov\w*|mv)\b`), Removed | Made, ""},
	{regexp.MustCompile(`(?i)\b(?:chmod|chown|chgrp|ownership|permissions|setting times|utime\w*)\b`), Set, ""},
	{regexp.MustCompile(`(?i)\b(?:exec|execute)\b`), Ran, ""},
	{regexp.MustCompile(`(?i)\b(?:writ\w*|sav\w*|append\w*|truncat\w*)\b`), Stored, ""},
	{regexp.MustCompile(`(?i)\bopen\w*\b`), Opened, ""},
}

// logRefusals returns the refused writes that a line of a log tells of: none, one, or
// both ends of a rename. One without a path says that something was refused.
func logRefusals(line string) []logRefusal {
	found, at, ok := refusedIn(line)
	if !ok || strings.Contains(line, "sysctl") {
		return nil
	}
	line = line[max(0, at-nearError):min(len(line), at+nearError)]
	if strings.Contains(line, `\"`) {
		line = strings.ReplaceAll(line, `\"`, `"`) // a message within JSON
	}
	for i := range logForms {
		if refusals, fits := logForms[i].read(line, found); fits {
			return refusals
		}
	}
	return []logRefusal{found}
}

// nearError is how far from the error a path may stand.
const nearError = 1 << 10

// refusedIn finds the error that a line has, and where.
func refusedIn(line string) (found logRefusal, at int, ok bool) {
	for _, e := range logErrors {
		if e.err == ReadOnlyError && !ReadOnlyFailure(line) {
			continue
		}
		if at := e.said.FindStringIndex(line); at != nil {
			return logRefusal{Err: e.err, Running: e.running}, at[0], true
		}
	}
	return logRefusal{}, 0, false
}

// read reads a line in a form. It fits only where it has a path that can be written.
func (f *logForm) read(line string, found logRefusal) ([]logRefusal, bool) {
	at := f.FindStringSubmatchIndex(line)
	if at == nil {
		return nil, false
	}
	group := func(i int) string {
		if at[2*i] < 0 {
			return ""
		}
		return line[at[2*i]:at[2*i+1]]
	}
	var paths []string
	first := -1
	for i := f.paths; 2*i < len(at); i++ {
		if p := group(i); p != "" {
			paths = append(paths, p)
			if first < 0 {
				first = at[2*i]
			}
		}
	}
	if f.nameFirst && len(paths) == 2 {
		paths = []string{paths[1] + "/" + paths[0]}
		found.Acts, found.Type = Made, Regular
	}
	call := ""
	if f.call > 0 {
		call = group(f.call)
	}
	if slices.Contains(readingCalls, call) && found.Err != ReadOnlyError {
		return nil, true
	}
	if found.Acts == 0 {
		found.Acts, found.Type = actsOf(call, line[:max(first, 0)])
	}
	var refusals []logRefusal
	for i, p := range paths {
		if slices.ContainsFunc(noFiles, func(dir string) bool { return Within(p, dir) }) {
			return nil, true
		}
		// A name alone may be anything, unless something is done to it.
		if p = cleanLogPath(p); p == "" || p[0] != '/' && found.Acts == 0 {
			continue
		}
		r := found
		r.Path = p
		if r.Acts == Removed|Made { // a rename: its source, then its target
			r.Acts = []Acts{Removed, Made}[min(i, 1)]
		}
		r.Running = r.Running || r.Acts == Ran
		refusals = append(refusals, r)
	}
	return refusals, len(refusals) > 0
}

// actsOf says what was tried: by the call, else by the words before the path.
func actsOf(call, before string) (Acts, FileType) {
	if known, ok := callActs[strings.ToLower(call)]; ok {
		return known.acts, known.made
	}
	const near = 80
	before = before[max(0, len(before)-near):]
	last, acts, made := -1, Acts(0), FileType("")
	for _, words := range actWords {
		all := words.FindAllStringIndex(before, -1)
		if len(all) == 0 {
			continue
		}
		if end := all[len(all)-1][1]; end > last {
			last, acts, made = end, words.acts, words.made
		}
	}
	return acts, made
}

// noFiles are where the kernel refuses writes on any root, or where every container can
// write.
var noFiles = []string{"/proc", "/sys", "/dev"}

// longestPath is how long a path can be.
const longestPath = 4096

// cleanLogPath returns a path as it can be written; "" for what is none.
func cleanLogPath(p string) string {
	if !strings.HasPrefix(p, "/") {
		p = strings.TrimPrefix(p, "./")
		if p == "" || strings.ContainsAny(p, "\x00:*?<>|") || strings.Contains(p, "..") || strings.Contains(p, " ") {
			return ""
		}
	} else {
		p = Canonical(strings.TrimRight(p, ".,;:"))
	}
	if len(p) > longestPath || p == "/" || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' }) {
		return ""
	}
	return p
}

// RefusedPath is the path whose write a read-only file system refused, as a line of a log
// tells it; "" where it names none, or none that begins at the root.
func RefusedPath(line string) string {
	for _, refused := range logRefusals(line) {
		if refused.Err == ReadOnlyError && strings.HasPrefix(refused.Path, "/") {
			return refused.Path
		}
	}
	return ""
}
