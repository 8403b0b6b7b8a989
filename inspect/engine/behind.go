package engine

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// Behind says where a path of a container is with the links of its directories and
// its own resolved, also where nothing is there. Engines follow links before the last
// name of a path that they are asked for, so that each name is asked for in turn; a
// link's target is told resolved. Such a question has no body in its answer: whether the
// path or the container is missing cannot be told apart.
func (e *Engine) Behind(ctx context.Context, id, p string) (string, error) {
	done := "/"
	for rest := parts(path.Clean("/" + p)); len(rest) > 0; rest = rest[1:] {
		next := path.Join(done, rest[0])
		answer, err := e.api.ContainerStatPath(ctx, id, client.ContainerStatPathOptions{Path: next})
		switch {
		case errdefs.IsNotFound(err), err != nil && aboutPath(err):
			return path.Join(next, path.Join(rest[1:]...)), nil
		case err != nil:
			return "", e.failedAt(ctx, id, fmt.Sprintf("ask where %s is in container", p), err)
		}
		done = next
		if answer.Stat.Mode&fs.ModeSymlink != 0 {
			link := answer.Stat.LinkTarget
			if !strings.HasPrefix(link, "/") {
				link = path.Join(path.Dir(next), link)
			}
			done = path.Clean(link)
		}
	}
	return done, nil
}
