package compose

import (
	"context"
	"fmt"
	"strings"
)

// elsewhere is a loader of compose-go that refuses what is not on this machine:
// looking at a project must not fetch anything.
type elsewhere struct{}

// elsewhereError is the address of a file that would have to be fetched.
type elsewhereError string

func (e elsewhereError) Error() string {
	return fmt.Sprintf("%s is not on this machine, and remote Compose files are not fetched", string(e))
}

// isElsewhere knows the addresses that Compose takes: artifacts and Git
// repositories, the latter also as github.com/owner/name.
func isElsewhere(path string) bool {
	scheme, _, ok := strings.Cut(path, "://")
	if ok && !strings.ContainsAny(scheme, `/\`) {
		return true
	}
	return strings.HasPrefix(path, "git@") || strings.HasPrefix(path, "github.com/")
}

func (elsewhere) Accept(path string) bool { return isElsewhere(path) }

func (elsewhere) Load(_ context.Context, path string) (string, error) {
	return "", elsewhereError(path)
}

func (elsewhere) Dir(path string) string { return path }
