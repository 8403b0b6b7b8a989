package model

import (
	"regexp"
	"strings"
)

// readOnlyPhrases are how software says EROFS, in lower case. The C library says
// "Read-only file system", and nearly everybody repeats it; runtimes that have
// names for errors use those.
var readOnlyPhrases = []string{
	"read-only file system",
	"read-only filesystem",
	"readonly file system",
	"readonly filesystem",
	"readonlyfilesystem", // java.nio.file.ReadOnlyFileSystemException, Rust's ErrorKind
	"os error 30",        // Rust
	"[errno 30]",         // Python
}

// readOnlyNumber finds the error by its name or its number where something says
// that it is one: "EROFS", "errno: 30", "(30)Read-only" is caught above.
// MySQL and MariaDB say "OS errno 30" and "error number 30", MariaDB's own
// messages "(Errcode: 30".
var readOnlyNumber = regexp.MustCompile(`\bEROFS\b|(?i)\b(?:errno|errcode|error number|os error)\b[ :=]*30\b`)

// ReadOnlyFailure says whether a line of a log tells of a write that a read-only file
// system refused. A line about a database in read-only mode is no such line, nor is one
// that only mentions the setting.
func ReadOnlyFailure(line string) bool {
	if len(line) < len("EROFS") || !strings.ContainsAny(line, "rR") {
		return false
	}
	lower := strings.ToLower(line)
	for _, phrase := range readOnlyPhrases {
		// A line may first state what is mounted and then tell of the failure.
		for end := 0; ; {
			i := strings.Index(lower[end:], phrase)
			if i < 0 {
				break
			}
			begin := end + i
			end = begin + len(phrase)
			if !announces(lower[:begin], lower[end:]) {
				return true
			}
		}
	}
	return readOnlyNumber.MatchString(line)
}

// announces tells a statement about a file system from a failure: "mounted a
// read-only file system", "using a read-only filesystem: yes".
func announces(before, after string) bool {
	before = strings.TrimRight(before, " ")
	for _, word := range []string{"mounted a", "mounted as", "using a", "running on a", "runs on a", "with a", "mounting a", "supports", "enabling", "enabled"} {
		if strings.HasSuffix(before, word) {
			return true
		}
	}
	return strings.HasPrefix(strings.TrimLeft(after, " "), "enabled")
}
