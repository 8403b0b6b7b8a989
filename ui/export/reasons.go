package export

import (
	"fmt"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
)

// maxExamples is how many paths stand for all of them in a comment.
const maxExamples = 3

// about says what a plan stands on, before the first line of its service.
func (p *page) about(e entry, plans []model.Plan) {
	if targets := e.opened(); len(targets) > 0 {
		p.comment("Mind: this plan makes program files writable, at " + strings.Join(targets, ", ") + ".")
	}
	if e.Evidence != "" {
		p.comment("Evidence: " + clean.Line(e.Evidence) + ".")
	}
	if why := e.service.NotProved(&e.Plan); why == "" {
		p.comment("Proved by a trial: " + e.service.Trial.Course() + ".")
	} else if e.service.Trial != nil {
		p.comment("Not proved: " + sentence(why))
	}
	if sharedBlind(plans) == nil && len(e.Blind) > 0 {
		p.comment("It cannot show: " + clean.Line(strings.Join(model.BlindTexts(e.Blind), "; ")) + ".")
	}
	for _, hint := range e.Hints {
		p.comment(capital(sentence(hint.String())))
	}
	p.open("Alarm", e.Alarms)
	p.open("Not solved", e.Unsolved)
}

// opened are the targets of mounts that make program files writable.
func (e entry) opened() []string {
	var targets []string
	for _, m := range e.Mounts {
		if m.OpensProgram {
			targets = append(targets, clean.Path(m.Target))
		}
	}
	return targets
}

// from says since when a service could be seen.
func from(e entry) string {
	if since := e.since(); !since.IsZero() {
		return " since " + date(since)
	}
	return ""
}

// reasons says why a mount is there and what would make it unnecessary.
func (p *page) reasons(e entry, m model.PlannedMount) {
	if text := reason(m); text != "" {
		p.comment(text)
	}
	if n := len(m.Serves); n > 0 {
		p.comment(fmt.Sprintf("Takes %s%s: %s.", model.Plural(n, "write"), from(e), examples(m.Serves)))
	}
	if len(m.By) > 0 {
		p.comment("Written by " + clean.Line(strings.Join(m.By, ", ")) + ".")
	}
	if m.Mends != "" {
		p.comment("In place of the one that is declared: " + sentence(m.Mends))
	}
	if m.Assumed != "" {
		p.comment("Assumed, for no write was seen: " + sentence(m.Assumed))
	}
	if m.CopiesUp {
		p.comment("The image has content there, which the volume keeps.")
	}
	if m.Better != "" {
		p.comment("Unnecessary with: " + sentence(m.Better))
	}
	if m.Warning != "" {
		p.comment("Warning: " + sentence(m.Warning))
	}
	if m.Unused != "" {
		p.comment("Not needed, as it seems: " + sentence(m.Unused))
		p.notes.add("%s: the mount at %s may go: %s", clean.Line(e.Service), clean.Path(m.Target), m.Unused)
	}
}

func reason(m model.PlannedMount) string {
	switch {
	case m.Reason == "":
		return capital(sentence(string(m.Class)))
	case m.Class == "":
		return capital(sentence(m.Reason))
	default:
		return capital(clean.Line(string(m.Class)) + ": " + sentence(m.Reason))
	}
}

// open writes what a plan leaves open, each cause once with its places.
func (p *page) open(title string, all []model.Unsolved) {
	places := map[string][]string{}
	var causes []string
	for _, u := range all {
		why := cause(title, u)
		if _, ok := places[why]; !ok {
			causes = append(causes, why)
		}
		places[why] = append(places[why], place(u))
	}
	for _, why := range causes {
		p.comment(why)
		for _, text := range places[why] {
			p.comment("  - " + text)
		}
	}
}

func cause(title string, u model.Unsolved) string {
	if u.Harmless {
		title = "Refused without harm"
	}
	if u.Class != "" {
		title += ", " + clean.Line(string(u.Class))
	}
	return strings.TrimSpace(title + ": " + sentence(u.Why) + " " + capital(sentence(u.Advice)))
}

func place(u model.Unsolved) string {
	text := clean.Path(u.Path)
	if len(u.Writes) != 1 || u.Writes[0].Path != u.Path {
		text += fmt.Sprintf(" (%s: %s)", model.Plural(len(u.Writes), "write"), examples(u.Writes))
	}
	return text
}

// examples names some paths and counts the others.
func examples(changes []model.Change) string {
	shown := changes[:min(len(changes), maxExamples)]
	names := make([]string, len(shown))
	for i, c := range shown {
		names[i] = clean.Path(c.Path)
	}
	text := strings.Join(names, ", ")
	if more := len(changes) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// sentence makes foreign text fit for a comment, with one full stop.
func sentence(text string) string {
	text = strings.TrimRight(clean.Line(text), ". ")
	if text == "" {
		return ""
	}
	return text + "."
}

func capital(text string) string {
	if text != "" && 'a' <= text[0] && text[0] <= 'z' {
		return string(text[0]-'a'+'A') + text[1:]
	}
	return text
}
