package model

import (
	"path"
	"slices"
	"strings"
)

// Canonical returns a path as absolute and clean. Engines send clean paths, of
// which there may be a million, so that the usual answer costs one scan.
func Canonical(p string) string {
	if IsCanonical(p) {
		return p
	}
	return path.Clean("/" + p)
}

// IsCanonical reports whether a path is absolute and clean.
func IsCanonical(p string) bool {
	if p == "/" {
		return true
	}
	if p == "" || p[0] != '/' || p[len(p)-1] == '/' {
		return false
	}
	if strings.Contains(p, "//") {
		return false
	}
	for i := strings.Index(p, "/."); i >= 0; {
		rest := strings.TrimPrefix(p[i+2:], ".")
		if rest == "" || rest[0] == '/' {
			return false
		}
		next := strings.Index(p[i+2:], "/.")
		if next < 0 {
			break
		}
		i += 2 + next
	}
	return true
}

// Parent returns the directory of a canonical path; the root's is itself.
func Parent(p string) string {
	i := strings.LastIndexByte(p, '/')
	if i <= 0 {
		return "/"
	}
	return p[:i]
}

// Within says whether a canonical path is dir or lies below it.
func Within(p, dir string) bool {
	if dir == "/" {
		return true
	}
	return strings.HasPrefix(p, dir) && (len(p) == len(dir) || p[len(dir)] == '/')
}

// ComparePaths compares as if "/" came before every other byte: "/a/b" stands
// between "/a" and "/a-b".
func ComparePaths(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] == b[i] {
			continue
		}
		switch {
		case a[i] == '/':
			return -1
		case b[i] == '/':
			return 1
		default:
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

// ByPath orders changes so that whatever is below a directory follows it at once.
func ByPath(a, b Change) int { return ComparePaths(a.Path, b.Path) }

// sortedChanges returns changes by path, in a slice of their own.
func sortedChanges(changes []Change) []Change {
	sorted := slices.Clone(changes)
	slices.SortFunc(sorted, ByPath)
	return sorted
}
