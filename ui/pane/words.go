package pane

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// stateGlyph is the mark of a service's state, beside which a word stands wherever
// there is room for one.
func stateGlyph(s *model.Service, t theme.Theme) (string, row.Paint) {
	switch c := worst(s); {
	case c == nil:
		return "○", t.Faint
	case c.State == model.Running && c.Health == model.Unhealthy:
		return "✗", t.Alarm
	case c.State == model.Running && c.Health == model.Starting:
		return "◐", t.Warn
	case c.State == model.Running:
		return "●", t.Good
	case c.State == model.Paused:
		return "‖", t.Warn
	case c.State == model.Restarting:
		return "↻", t.Alarm
	case c.State == model.Dead, c.State == model.Exited && c.ExitCode != 0:
		return "✗", t.Alarm
	case running(s) > 0:
		return "◐", t.Warn
	default:
		return "○", t.Faint
	}
}

// running counts the containers of a service that `up` made and that run.
func running(s *model.Service) int {
	n := 0
	for i := range s.Containers {
		if c := &s.Containers[i]; c.State == model.Running && !c.OneOff {
			n++
		}
	}
	return n
}

// worst returns the container that a reader should hear of first: of those that
// Compose keeps running, the one in the most trouble.
func worst(s *model.Service) *model.Container {
	var found *model.Container
	for i := range s.Containers {
		c := &s.Containers[i]
		if c.OneOff && found != nil {
			continue
		}
		if found == nil || trouble(c) > trouble(found) {
			found = c
		}
	}
	return found
}

func trouble(c *model.Container) int {
	switch {
	case c.State == model.Restarting, c.State == model.Dead:
		return 5
	case c.Health == model.Unhealthy:
		return 4
	case c.State == model.Exited && c.ExitCode != 0:
		return 3
	case c.State == model.Paused, c.Health == model.Starting:
		return 2
	case c.State != model.Running:
		return stopped
	}
	return 0
}

// stopped is the trouble of a container that ended well, or was never started.
const stopped = 1

// stateWord says a container's state in a few words.
func stateWord(c *model.Container) string {
	switch {
	case c.State == model.Running && c.Health != model.NoHealth:
		return clean.Line(string(c.Health))
	case c.State == model.Exited:
		return "exited " + strconv.Itoa(c.ExitCode)
	default:
		return clean.Line(string(c.State))
	}
}

// short gives a count in at most five cells.
func short(n int) string {
	switch {
	case n < 10_000:
		return strconv.Itoa(n)
	case n < 1_000_000:
		return strconv.Itoa(n/1000) + "k"
	default:
		return fmt.Sprintf("%.1fM", float64(n)/1e6)
	}
}

// addCounts puts counts on a line, each kind in its colour.
func addCounts(r *row.Row, t theme.Theme, c model.Counts) {
	for _, p := range []struct {
		paint row.Paint
		sign  string
		count int
	}{{t.Added, "+", c.Added}, {t.Modified, "~", c.Modified}, {t.Deleted, "-", c.Deleted}} {
		if p.count > 0 {
			r.Add(p.paint, p.sign+short(p.count)).Space(1)
		}
	}
}

// span gives a duration in its largest unit.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// upText says since when a container runs, or for how long it has not.
func upText(c *model.Container, now time.Time) string {
	switch {
	case c.State == model.Running && !c.Started.IsZero():
		return "up " + span(now.Sub(c.Started))
	case c.State == model.Exited && !c.Finished.IsZero():
		return span(now.Sub(c.Finished)) + " ago"
	default:
		return ""
	}
}

// portText writes a port as Compose files do.
func portText(p model.Port) string {
	target := strconv.Itoa(p.Target)
	if p.Protocol != "" && p.Protocol != "tcp" {
		target += "/" + clean.Line(p.Protocol)
	}
	if p.Host == "" {
		return target
	}
	host := clean.Line(p.Host)
	if p.HostIP != "" && p.HostIP != "0.0.0.0" && p.HostIP != "::" {
		host = clean.Line(p.HostIP) + ":" + host
	}
	return host + "→" + target
}

// commandText writes a command as one would type it.
func commandText(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n\"'\\$") {
			w = strconv.Quote(w)
		}
		quoted[i] = clean.Line(w)
	}
	return strings.Join(quoted, " ")
}

// fitPath makes a path safe and cuts it to a width, so that its name stays.
func fitPath(path string, width int) string { return clean.FitPath(clean.Path(path), width) }

// bytesText writes the size of a file, as docker prints sizes.
func bytesText(n int64) string { return units.HumanSizeWithPrecision(float64(n), 3) }
