package report

import (
	"strings"

	"petrify/model"
	"petrify/ui/export"
)

// Each finding names the command that leads on. It is one that can be typed as it
// stands, with the flags that name the project, and one that fits what is there:
//
//   - a recording only where one can be made, and of what runs;
//   - a plan only where it would hold something.

// Flags are those of a command line that say which project and which engine is meant.
type Flags struct {
	Project []string // that petrify and docker compose have both
	Engine  []string // that petrify and docker have both
}

func (f Flags) petrify(words ...string) string {
	return line([]string{"petrify"}, f.Engine, words[:1], f.Project, words[1:])
}

func (f Flags) compose(words ...string) string {
	return line([]string{"docker"}, f.Engine, []string{"compose"}, f.Project, words)
}

func line(parts ...[]string) string {
	var words []string
	for _, part := range parts {
		for _, word := range part {
			words = append(words, export.ShellWord(word))
		}
	}
	return strings.Join(words, " ")
}

// commandFor is the command that helps with a kind of finding. The service is nil for
// the project as a whole.
type commandFor func(c *Check, svc *model.Service) string

func readFiles(c *Check, _ *model.Service) string { return c.Flags.compose("config") }

// makeAgain creates containers as the files declare them, where these declare any.
func makeAgain(c *Check, svc *model.Service) string {
	if svc.Declared == nil {
		return checkAgain(c, svc)
	}
	return c.Flags.compose("up", "-d", svc.Name)
}

func checkAgain(c *Check, svc *model.Service) string { return c.Flags.petrify("check", svc.Name) }

func planIt(c *Check, svc *model.Service) string { return c.Flags.petrify("plan", svc.Name) }

func tryIt(c *Check, svc *model.Service) string { return c.Flags.petrify("try", svc.Name) }

// planOrMake makes containers again where they only are not as declared: a root that is
// declared read-only is not planned.
func planOrMake(c *Check, svc *model.Service) string {
	if svc.NextRoot() == model.RootReadOnly && svc.LiveRoot() == model.RootWritable {
		return makeAgain(c, svc)
	}
	return planIt(c, svc)
}

// planOrRead shows what a service says of its trouble, unless a plan knows a mount
// for it.
func planOrRead(c *Check, svc *model.Service) string {
	if c.Planned[svc.Name].Mounts > 0 {
		return planIt(c, svc)
	}
	return c.Flags.compose("logs", svc.Name)
}

// recordIt records a service, starts it first where it does not run, and checks it again
// where nothing can be recorded.
func recordIt(c *Check, svc *model.Service) string {
	switch {
	case !svc.CanChange():
		return makeAgain(c, svc)
	case c.Stack.Engine.Unrecordable() != "":
		return checkAgain(c, svc)
	default:
		return c.Flags.petrify("record", svc.Name)
	}
}
