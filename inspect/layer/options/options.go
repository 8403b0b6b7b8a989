// Package options reads what a mount table tells of an overlay.
package options

import (
	"path/filepath"
	"strconv"
	"strings"
)

// Layered reports whether a kind of file system is made of layers, as engines mount the
// roots of containers: the kernel's overlay, or one in FUSE.
func Layered(kind string) bool {
	return kind == "overlay" || kind == "fuse" || strings.HasPrefix(kind, "fuse.")
}

// Dirs is where the layers of an overlay are.
type Dirs struct {
	Upper string   // the one that can be written
	Lower []string // those below it, the topmost first
	User  bool     // its marks are those of a user's overlay (userxattr)
}

// Read reads where the layers are out of the options of an overlay, as a mount
// table shows them; ok is false where they do not say it. exists looks whether a
// directory is there.
//
// Engines with many layers shorten their names: they mount from inside of a
// directory and name them from there, and only the upper one says where that is.
func Read(text string, exists func(dir string) bool) (dirs Dirs, ok bool) {
	for option := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(option, "=")
		value = unescape(value)
		switch key {
		case "upperdir":
			dirs.Upper = unslash(value)
		case "lowerdir":
			// What follows a double colon holds data only, and no names.
			names, _, _ := strings.Cut(value, "::")
			for _, dir := range splitLower(names) {
				dirs.Lower = append(dirs.Lower, unslash(dir))
			}
		case "lowerdir+":
			dirs.Lower = append(dirs.Lower, value)
		case "userxattr":
			dirs.User = true
		}
	}
	if !filepath.IsAbs(dirs.Upper) || len(dirs.Lower) == 0 {
		return Dirs{}, false
	}
	for i, dir := range dirs.Lower {
		if filepath.IsAbs(dir) {
			continue
		}
		if dirs.Lower[i], ok = above(dirs.Upper, dir, exists); !ok {
			return Dirs{}, false
		}
	}
	return dirs, true
}

// above finds a directory that is named from one of those above another.
func above(from, name string, exists func(string) bool) (string, bool) {
	for dir := filepath.Dir(from); dir != "/"; dir = filepath.Dir(dir) {
		if found := filepath.Join(dir, name); exists(found) {
			return found, true
		}
	}
	return "", false
}

// splitLower splits at the colons that no backslash stands before.
func splitLower(names string) []string {
	var dirs []string
	begin := 0
	for i := 0; i < len(names); i++ {
		switch names[i] {
		case '\\':
			i++
		case ':':
			dirs = append(dirs, names[begin:i])
			begin = i + 1
		}
	}
	return append(dirs, names[begin:])
}

// unslash takes back the backslashes with which an overlay is given its colons.
func unslash(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// unescape takes back how the kernel writes commas, spaces and their like: \054.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
