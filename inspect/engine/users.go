package engine

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"petrify/inspect/users"
	"petrify/model"
)

// User returns who a container starts as, where the user is given by name or
// number, with or without a group; nil where nobody can tell. The lists are read
// from the container, as the engine does at its start.
func (e *Engine) User(ctx context.Context, id, spec string) (*model.User, error) {
	name, group, grouped := strings.Cut(spec, ":")
	if uid, gid, err := users.Find(spec, nil, nil); err == nil && (grouped && group != "" || name == "") {
		return &model.User{UID: uid, GID: gid}, nil // by numbers alone
	}
	var found *model.User
	var known bool
	e.memory.of(id, func(n *note) { found, known = n.users[spec] })
	if known {
		return found, nil
	}
	found, err := e.findUser(ctx, id, spec, grouped)
	if err != nil {
		return nil, e.failedAt(ctx, id, "look for the user of container", err)
	}
	e.memory.of(id, func(n *note) {
		if n.users == nil {
			n.users = make(map[string]*model.User)
		}
		n.users[spec] = found
	})
	return found, nil
}

// Accounts returns the users that a container's own list has, read once; none where
// nobody can tell.
func (e *Engine) Accounts(ctx context.Context, id string) ([]model.Account, error) {
	var known []model.Account
	e.memory.of(id, func(n *note) { known = n.accounts })
	if known != nil {
		return known, nil
	}
	passwd, err := e.list(ctx, id, "/etc/passwd")
	if err != nil {
		if err = unlessUnreadable(err); err != nil {
			err = e.failedAt(ctx, id, "read the users of container", err)
		}
		return nil, err
	}
	known = []model.Account{}
	if passwd != nil {
		if known, err = users.Accounts(passwd); err != nil {
			return nil, nil //nolint:nilerr // half a list would be taken for all
		}
	}
	e.memory.of(id, func(n *note) { n.accounts = known })
	return known, nil
}

// findUser reads the list of groups only where a group is named.
func (e *Engine) findUser(ctx context.Context, id, spec string, grouped bool) (*model.User, error) {
	passwd, err := e.list(ctx, id, "/etc/passwd")
	if err != nil {
		return nil, unlessUnreadable(err)
	}
	var groups io.Reader
	if grouped {
		if groups, err = e.list(ctx, id, "/etc/group"); err != nil {
			return nil, unlessUnreadable(err)
		}
	}
	uid, gid, err := users.Find(spec, passwd, groups)
	if err != nil {
		return nil, nil //nolint:nilerr // the container would not start either
	}
	return &model.User{UID: uid, GID: gid}, nil
}

// unlessUnreadable drops trouble with one file, which leaves something unknown.
func unlessUnreadable(err error) error {
	if aboutPath(err) {
		return nil
	}
	return err
}

// owners are the users that the container itself names, by their number. They
// are read once: a container that adds users later shows their numbers.
func (e *Engine) owners(ctx context.Context, id string) map[int]string {
	var known map[int]string
	e.memory.of(id, func(n *note) { known = n.owners })
	if known != nil {
		return known
	}
	passwd, err := e.list(ctx, id, "/etc/passwd")
	if err != nil {
		return nil // asked again next time
	}
	known = make(map[int]string)
	if passwd != nil {
		if known, err = users.Names(passwd); err != nil {
			return nil
		}
	}
	e.memory.of(id, func(n *note) { n.owners = known })
	return known
}

// list reads a list of users or groups, or what it links to; nil without one.
func (e *Engine) list(ctx context.Context, id, path string) (io.Reader, error) {
	for range 2 {
		var content []byte
		var link string
		err := e.open(ctx, id, path, func(info model.FileInfo, file *tar.Reader) (err error) {
			link = info.Link
			content, err = io.ReadAll(io.LimitReader(file, users.MaxSize))
			return err
		})
		if errors.Is(err, errNoFile) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(link, "/") {
			return bytes.NewReader(content), nil
		}
		path = link
	}
	return nil, nil
}
