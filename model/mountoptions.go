package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// TmpfsOptions writes the options of a tmpfs in one form: sizes in bytes, modes
// without leading zeros, sorted, and without what every tmpfs of an engine has.
func TmpfsOptions(options string) string {
	var all []string
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(option), "=")
		switch key {
		case "", "rw", "ro", "nosuid", "nodev", "noexec", "tmpcopyup", "notmpcopyup", "private", "rprivate":
			continue
		case "size", "nr_inodes", "nr_blocks":
			if n, ok := parseSize(value); ok {
				value = strconv.FormatInt(n, 10)
			}
		case "mode":
			value = cmp.Or(strings.TrimLeft(value, "0"), "0")
		}
		if value != "" {
			key += "=" + value
		}
		all = append(all, key)
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

// TmpfsSettings are what the options of a tmpfs say. What they leave out is zero.
type TmpfsSettings struct {
	Mode     uint32
	HasMode  bool
	UID, GID int
	Size     int64 // bytes; 0 where it is not said in bytes
	Exec     bool
}

// TmpfsSettings reads the options of a tmpfs.
func (m Mount) TmpfsSettings() TmpfsSettings {
	s := TmpfsSettings{Size: m.Size()}
	for option := range strings.SplitSeq(m.Options, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(option), "=")
		switch key {
		case "mode":
			mode, err := strconv.ParseUint(value, 8, 16)
			s.Mode, s.HasMode = uint32(mode), err == nil
		case "uid":
			s.UID, _ = strconv.Atoi(value)
		case "gid":
			s.GID, _ = strconv.Atoi(value)
		case "exec":
			s.Exec = true
		case "noexec":
			s.Exec = false
		}
	}
	return s
}
