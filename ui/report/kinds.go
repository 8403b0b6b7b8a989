package report

import (
	"petrify/model"
)

// What a check finds, by kind. A finding of severity error or warning fails the
// check; a note does not.
//
// Containers that `docker compose run` made do not stand for their service: they
// may well have changed what they were told to, and are left out. A service whose
// root is read-only has no writes to find.
//
// Identifiers of rules and severities are stable; messages are not.
const (
	ComposeProblem  Rule = "compose-problem"
	ReadOnlyFailure Rule = "read-only-failure"
	RefusedWrite    Rule = "refused-write"
	MountFault      Rule = "mount-not-writable"
	MountPoint      Rule = "mount-point"
	WritesToRoot    Rule = "writes-to-root"
	CopiedIn        Rule = "copied-in"
	CodeChange      Rule = "code-change"
	PlanOpens       Rule = "plan-opens-program"
	NotProved       Rule = "not-proved"
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

// Kind is a kind of finding.
type Kind struct {
	Rule     Rule
	Title    string   // in a few words
	Severity Severity // the usual one
	Means    string   // what was found, and when the severity is another
	Advice   string   // what to do next
}

// kind is a kind with how it is found. One of the two functions that find it is nil.
type kind struct {
	Kind
	command   commandFor
	ofProject func(*Check) []Finding
	ofService func(*Check, *model.Service) []Finding
}

// kinds are all that there are, in the order in which findings are listed.
var kinds = []kind{
	{Kind{
		ComposeProblem, "The Compose files have a problem", Error,
		"the Compose files cannot be read; a warning where they can, and something in them is odd",
		"mend the Compose file; `docker compose config` shows the same error",
	}, readFiles, composeProblem, nil},
	{Kind{
		ReadOnlyFailure, "A service cannot write", Error,
		"a service fails because it cannot write: its container, its health check or a log without the path says so",
		"give the path that fails a tmpfs, or a volume if its data must stay; the log often names it",
	}, planOrRead, nil, readOnlyFailures},
	{Kind{
		RefusedWrite, "A write is refused", Error,
		"a service was refused a write, on its read-only root or in a mount that is read-only, too small, somebody else's or not for programs",
		"give the path a tmpfs, or a volume if its data must stay, as the plan does; where a mount refuses it, " +
			"make that one writable, larger, the service's own, or one for programs (exec)",
	}, planIt, nil, refusedWrites},
	{Kind{
		MountFault, "A mount does not do for its service", Warning,
		"a tmpfs or a volume keeps the service's user out, was full or is smaller than what is written there, or is noexec where programs are run from it",
		"declare it with the options that the finding names, as the plan does; what no option mends, the finding says",
	}, planIt, nil, mountFaults},
	{Kind{
		MountPoint, "A mount point is missing in a read-only mount", Error,
		"a container cannot start, since one of its mounts is inside a read-only one that has no folder for it",
		"make the folder where the read-only mount comes from, or make that mount writable",
	}, makeAgain, nil, mountPoints},
	{Kind{
		WritesToRoot, "A service writes to its root", Warning,
		"a service wrote to its root, outside its writable mounts: it would break on a read-only one",
		"give the blocked paths a tmpfs, or a volume if their data must stay, as the plan does; then set read_only: true and check again",
	}, planOrMake, nil, writesToRoot},
	{Kind{
		CopiedIn, "Compose copies files into a service", Warning,
		"Compose copies configs, secrets or watched files into a container, which is refused on a read-only root; " +
			"a note for what `docker compose watch` copies while the root is writable",
		"put the content of configs and secrets into files and refer to them with file:; " +
			"mount a watched folder instead of a sync rule, or leave a read-only root out while you watch",
	}, makeAgain, nil, copiedIn},
	{Kind{
		CodeChange, "Code changed after deployment", Warning,
		"files of the program itself changed after it was deployed",
		"look who changed the program's files: a break-in, a bug that wrote to the wrong path, a framework that generates code, " +
			"or an automatic update; what was wanted belongs into the image",
	}, recordIt, nil, codeChange},
	{Kind{
		PlanOpens, "A plan makes program files writable", Warning,
		"a mount of the service's plan makes files of the program writable, which a read-only root is there to prevent; " +
			"a note where the plan is not judged",
		"let the service write elsewhere by configuration, or build into the image what it writes there; the plan says which writes these are",
	}, planIt, nil, planOpens},
	{Kind{
		NotProved, "A plan is not proved", Error,
		"no trial has proved the service's plan as it is now; found only where proofs are asked for",
		"let petrify try it on throw-away copies",
	}, tryIt, nil, notProved},
	{Kind{
		RiskyMount, "A mount is risky", Warning,
		"a mount from the host deserves a second look, and can be written to or is a socket, to which read-only means nothing; " +
			"a note where it is read-only, and for a volume that several services write to",
		"remove the mount or, where reading is enough, make it read-only; then create the container again",
	}, makeAgain, nil, riskyMounts},
	{Kind{
		Drift, "What runs is not what is declared", Warning,
		"what runs is not what the Compose files declare",
		"`docker compose up -d` creates containers again as the files declare them",
	}, makeAgain, nil, drifts},
	{Kind{
		Unexamined, "A container was not examined", Warning,
		"a container could not be inspected, or the changes of one that ran not be read: nothing found there means nothing",
		"check again while the container exists and the engine is idle",
	}, checkAgain, nil, unexamined},
	{Kind{
		RootWritable, "A root is writable without need seen", Note,
		"the root is writable, and nobody has seen a write to it: that does not prove that none is needed",
		"use the service for a while, recorded if it can be, with a restart; then check again; " +
			"if it still writes nothing, try read_only: true",
	}, recordIt, nil, rootWritable},
	{Kind{
		NotCreated, "A service has no container", Note,
		"no container of the service exists, so that only its declaration was looked at",
		"`docker compose up -d` creates it; then check again",
	}, makeAgain, nil, notCreated},
}

// Kinds returns all kinds of findings, in the order in which findings are listed.
func Kinds() []Kind {
	all := make([]Kind, len(kinds))
	for i := range kinds {
		all[i] = kinds[i].Kind
	}
	return all
}

// kindOf finds the kind of a rule.
func kindOf(rule Rule) *kind {
	for i := range kinds {
		if kinds[i].Rule == rule {
			return &kinds[i]
		}
	}
	return &kind{}
}
