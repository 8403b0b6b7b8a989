package recorder

import (
	"os"
	"time"

	"petrify/inspect/users"

	"github.com/moby/sys/user"
	"golang.org/x/sys/unix"
)

// passwd is where a container names its users.
const passwd = "/etc/passwd"

// user names a user as the container does; "" where it does not.
func (c *followed) user(uid int) string {
	if c.users[uid] == "" && time.Since(c.usersAt) > usersAreFresh {
		if root, err := c.root(); err == nil {
			c.users, c.usersAt = usersIn(root), time.Now()
			unix.Close(root)
		}
	}
	return c.users[uid]
}

// nameUsers fills in the names of a container's users, when it has other ones.
func (p *writers) nameUsers(c *followed) {
	c.usersAt = time.Time{}
	for of, reported := range p.programs {
		if of.container != c.Container || of.uid < 0 || len(reported.User) > 0 {
			continue
		}
		if name := c.user(of.uid); name != "" {
			reported.User = []byte(name)
			p.fresh = append(p.fresh, reported)
		}
	}
}

// uidOf returns the user that a process writes files as, by its number in the container.
func uidOf(pid int) (int, bool) {
	is, ok := statusOf(pid)
	if !ok {
		return -1, false
	}
	maps, err := user.ParseIDMapFile(procFile(pid, "uid_map"))
	if err != nil {
		return -1, false
	}
	return inContainer(is.uid, maps)
}

// inContainer is the number that a user of the host has in a container, whose users may be
// others of the host (userns-remap).
func inContainer(uid int, maps []user.IDMap) (int, bool) {
	for _, m := range maps {
		if n := int64(uid) - m.ParentID; n >= 0 && n < m.Count {
			return int(m.ID + n), true
		}
	}
	return -1, false
}

// usersIn reads the names of users below a root.
func usersIn(root int) map[int]string {
	names := map[int]string{}
	fd, err := openIn(root, passwd, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return names
	}
	file := os.NewFile(uintptr(fd), "passwd")
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return names
	}
	names, _ = users.Names(file) // those before a broken line
	return names
}
