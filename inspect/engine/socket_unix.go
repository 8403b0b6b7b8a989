//go:build unix

package engine

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// owners names who owns a socket: the names where there are some, else the numbers.
func owners(socket string) (owner, group string, ok bool) {
	info, err := os.Stat(socket)
	if err != nil {
		return "", "", false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", "", false
	}
	owner, group = strconv.Itoa(int(stat.Uid)), strconv.Itoa(int(stat.Gid))
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return owner, group, true
}
