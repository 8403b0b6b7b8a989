// Package users reads a container's own lists of users and groups, which are
// whatever the image or the container made of them.
package users

import (
	"io"
	"strings"

	"petrify/model"

	"github.com/moby/sys/user"
)

// MaxSize bounds what is read of a list.
const MaxSize = 1 << 20

// Names returns the names of an /etc/passwd by their number; the first name of a
// number counts, as in getpwuid. With an error come the names before it.
func Names(passwd io.Reader) (map[int]string, error) {
	names := make(map[int]string)
	_, err := user.ParsePasswdFilter(io.LimitReader(passwd, MaxSize), func(u user.User) bool {
		if _, taken := names[u.Uid]; !taken && u.Name != "" && !strings.HasPrefix(u.Name, "#") {
			names[u.Uid] = u.Name
		}
		return false // the list itself is not wanted
	})
	return names, err
}

// Accounts returns the entries of an /etc/passwd in their order. With an error come
// those before it.
func Accounts(passwd io.Reader) ([]model.Account, error) {
	var accounts []model.Account
	_, err := user.ParsePasswdFilter(io.LimitReader(passwd, MaxSize), func(u user.User) bool {
		if u.Name != "" && !strings.HasPrefix(u.Name, "#") {
			accounts = append(accounts, model.Account{Name: u.Name, UID: u.Uid, Home: u.Home})
		}
		return false // the list itself is not wanted
	})
	return accounts, err
}

// Find returns who a container starts as, by number: "user", "uid", "user:group"
// and the like as runc reads them, with the primary group where none is written.
// A list is nil where the container has none.
func Find(spec string, passwd, group io.Reader) (uid, gid int, err error) {
	found, err := user.GetExecUser(spec, nil, bounded(passwd), bounded(group))
	if err != nil {
		return 0, 0, err
	}
	return found.Uid, found.Gid, nil
}

func bounded(list io.Reader) io.Reader {
	if list == nil {
		return nil
	}
	return io.LimitReader(list, MaxSize)
}
