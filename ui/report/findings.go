package report

import (
	"fmt"
	"slices"
	"strings"

	"petrify/model"
)

// What a check finds, by rule. A finding of severity error or warning fails the
// check; a note does not.
//
//	compose-problem    error    the Compose files cannot be read; a warning where they
//	                            can and something in them is odd
//	read-only-failure  error    a service fails because it cannot write: its container or
//	                            its health check says so
//	writes-to-root     warning  a service wrote to its root, outside its writable mounts:
//	                            it would break on a read-only one
//	code-changed       warning  files of the program itself changed after deployment
//	risky-mount        warning  a mount from the host deserves a second look and can be
//	                            written to, or is a socket, to which read-only means
//	                            nothing; a note for other read-only mounts, and for a
//	                            volume that several services write to
//	drift              warning  what runs is not what the Compose files declare
//	unexamined         warning  a container could not be inspected, or the changes of one
//	                            that ran not be read: nothing found there means nothing
//	root-writable      note     the root is writable and nobody has seen a write to it:
//	                            that proves no absence of need
//	not-created        note     no container of the service exists, so that only its
//	                            declaration was looked at
//
// Containers that `docker compose run` made do not stand for their service: they
// may well have changed what they were told to, and are left out. A service whose
// root is read-only has no writes to find.
//
// Identifiers of rules and severities are stable; messages are not.
const (
	ComposeProblem  Rule = "compose-problem"
	ReadOnlyFailure Rule = "read-only-failure"
	WritesToRoot    Rule = "writes-to-root"
	CodeChanged     Rule = "code-changed"
	RiskyMount      Rule = "risky-mount"
	Drift           Rule = "drift"
	Unexamined      Rule = "unexamined"
	RootWritable    Rule = "root-writable"
	NotCreated      Rule = "not-created"
)

// Rule is the stable identifier of a kind of finding.
type Rule string

// Severity says how much a finding weighs.
type Severity string

// The severities, heaviest first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is one thing that a check found. Its texts are raw.
type Finding struct {
	Rule     Rule     `json:"rule"`
	Severity Severity `json:"severity"`
	Service  string   `json:"service"` // "" for the project as a whole
	Subject  string   `json:"subject"` // a mount's target, a field, a container, a file; "" for the service as a whole
	Message  string   `json:"message"`
}

// ExitCode returns what `petrify check` ends with: 0 when it found nothing, 1 on
// findings, 2 when it could not look, because the engine did not answer or there
// is no container to look at.
func ExitCode(s *model.Stack) int {
	switch {
	case !looked(s):
		return 2
	case slices.ContainsFunc(Findings(s), Finding.fails):
		return 1
	default:
		return 0
	}
}

func (f Finding) fails() bool { return f.Severity != Note }

func looked(s *model.Stack) bool {
	return s.Link.State == model.Live && slices.ContainsFunc(s.Services, func(svc model.Service) bool {
		return len(svc.Containers) > 0
	})
}

// Findings returns what is worth a reader's attention: the project's own first,
// then by service in the stack's order, each by rule.
func Findings(s *model.Stack) []Finding {
	var found []Finding
	if p := s.Problem; p != nil {
		f := Finding{Rule: ComposeProblem, Severity: Error, Subject: p.File, Message: p.Text}
		if len(s.Files) > 0 {
			f.Severity = Warning
		}
		if p.File != "" {
			f.Message = place(*p) + ": " + p.Text
		}
		found = append(found, f)
	}
	for i := range s.Services {
		svc := &s.Services[i]
		for _, rule := range []func(*model.Service) []Finding{
			readOnlyFailures, writesToRoot, codeChanged, riskyMounts, drifts, unexamined, rootWritable, notCreated,
		} {
			for _, f := range rule(svc) {
				f.Service = svc.Name
				found = append(found, f)
			}
		}
	}
	return found
}

// place is where a problem is, as compilers and editors write it.
func place(p model.Problem) string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

func readOnlyFailures(svc *model.Service) []Finding {
	var found []Finding
	for _, c := range standing(svc) {
		lines := []string{c.Error}
		// A health check's output is in no log: this is the only place to see it.
		if n := len(c.HealthLog); n > 0 && c.HealthLog[n-1].ExitCode != 0 {
			lines = append(lines, strings.Split(c.HealthLog[n-1].Output, "\n")...)
		}
		if i := slices.IndexFunc(lines, model.ReadOnlyFailure); i >= 0 {
			found = append(found, Finding{
				Rule: ReadOnlyFailure, Severity: Error, Subject: c.Name,
				Message: c.Name + " cannot write: " + strings.TrimSpace(lines[i]),
			})
		}
	}
	return found
}

func writesToRoot(svc *model.Service) []Finding {
	if svc.Verdict.Outcome != model.WouldBreak {
		return nil
	}
	f := Finding{Rule: WritesToRoot, Severity: Warning, Message: svc.Verdict.Reason}
	if blocked := svc.Verdict.Blocked; len(blocked) > 0 {
		first := slices.MinFunc(blocked, func(a, b model.Change) int { return strings.Compare(a.Path, b.Path) })
		f.Message += ", such as " + first.Path
	}
	return []Finding{f}
}

// codeChanged raises an alarm of its own for what nobody should do after a deployment.
func codeChanged(svc *model.Service) []Finding {
	changed := 0
	first := ""
	for _, c := range svc.Verdict.Blocked {
		if !model.Classify(c.Path, c.Kind, svc.Image).Class.Alarm() {
			continue
		}
		if changed++; first == "" || c.Path < first {
			first = c.Path
		}
	}
	if changed == 0 {
		return nil
	}
	message := model.Plural(changed, "path") + " of the program changed after it was deployed, such as " + first
	return []Finding{{Rule: CodeChanged, Severity: Warning, Subject: first, Message: message}}
}

func riskyMounts(svc *model.Service) []Finding {
	var found []Finding
	for _, pair := range svc.Mounts {
		if pair.Risk == "" {
			continue
		}
		f := Finding{Rule: RiskyMount, Severity: Note, Subject: pair.Target, Message: pair.Target + ": " + string(pair.Risk)}
		if pair.Severe() {
			f.Severity = Warning
		}
		found = append(found, f)
	}
	return found
}

func drifts(svc *model.Service) []Finding {
	var found []Finding
	for _, d := range svc.Drift {
		found = append(found, Finding{
			Rule: Drift, Severity: Warning,
			Subject: strings.TrimSpace(d.Field + " " + d.Subject),
			Message: difference(d),
		})
	}
	return found
}

// difference says one field of drift as a phrase.
func difference(d model.Difference) string {
	field := strings.TrimSpace(d.Field + " " + d.Subject)
	switch {
	case d.Declared == "":
		return field + ": not declared, but runs with " + d.Live
	case d.Live == "":
		return field + ": declared " + d.Declared + ", but does not run with it"
	default:
		return field + ": declared " + d.Declared + ", runs with " + d.Live
	}
}

func unexamined(svc *model.Service) []Finding {
	var found []Finding
	for _, c := range standing(svc) {
		if c.Err == "" && (c.ReadOnly || c.NeverRan()) {
			continue
		}
		why := "its changes were not asked for"
		i := slices.IndexFunc(svc.Changes, func(changes model.ContainerChanges) bool { return changes.Container == c.ID })
		if i >= 0 {
			why = svc.Changes[i].Err
		}
		if c.Err != "" {
			why = c.Err
		}
		if why != "" {
			found = append(found, Finding{
				Rule: Unexamined, Severity: Warning, Subject: c.Name,
				Message: c.Name + " could not be examined: " + why,
			})
		}
	}
	return found
}

func rootWritable(svc *model.Service) []Finding {
	live := rootOf(svc).Live
	if svc.Verdict.Outcome != model.NotKnown || live == nil || *live {
		return nil
	}
	return []Finding{{Rule: RootWritable, Severity: Note, Message: "its root is writable: " + svc.Verdict.Reason}}
}

func notCreated(svc *model.Service) []Finding {
	if len(svc.Containers) > 0 || svc.Unlisted {
		return nil
	}
	return []Finding{{Rule: NotCreated, Severity: Note, Message: "no container of it exists yet"}}
}

// standing returns the containers that stand for their service.
func standing(svc *model.Service) []model.Container {
	return slices.DeleteFunc(slices.Clone(svc.Containers), func(c model.Container) bool { return c.OneOff })
}

// advice says what to do next about a rule.
func (r Rule) advice() string {
	switch r {
	case ComposeProblem:
		return "mend the Compose file; `docker compose config` shows the same error"
	case ReadOnlyFailure:
		return "give the path that fails a tmpfs, or a volume if its data must stay"
	case WritesToRoot:
		return "give the blocked paths a tmpfs, or a volume if their data must stay; then set read_only: true and check again"
	case CodeChanged:
		return "look who changed the program's files: a break-in, a bug that wrote to the wrong path, a framework that generates code, " +
			"or an automatic update; what was wanted belongs into the image"
	case RiskyMount:
		return "remove the mount or, where reading is enough, make it read-only"
	case Drift:
		return "`docker compose up -d` creates containers again as the files declare them"
	case Unexamined:
		return "check again while the container exists and the engine is idle"
	case RootWritable:
		return "use the service for a while (its pages, a login, an upload, a restart) and check again; " +
			"if it still writes nothing, try read_only: true"
	case NotCreated:
		return "`docker compose up -d` creates it; then check again"
	}
	return ""
}
