package model

import (
	"path"
	"strings"
)

// canonical returns a path as absolute and clean. Engines send clean paths, of
// which there may be a million, so that the usual answer costs one scan.
func canonical(p string) string {
	if isCanonical(p) {
		return p
	}
	return path.Clean("/" + p)
}

func isCanonical(p string) bool {
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

// parentOf returns the directory of a canonical path; the root's is itself.
func parentOf(p string) string {
	i := strings.LastIndexByte(p, '/')
	if i <= 0 {
		return "/"
	}
	return p[:i]
}

// within says whether a canonical path is dir or lies below it.
func within(p, dir string) bool {
	if dir == "/" {
		return true
	}
	return strings.HasPrefix(p, dir) && (len(p) == len(dir) || p[len(dir)] == '/')
}
