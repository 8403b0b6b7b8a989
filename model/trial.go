package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What a trial is:
//
//   - A copy of a service runs, with copies of what it depends on, as a throw-away project
//     of its own. Nothing of the user's is touched.
//   - First the copy runs unmodified, on a writable root: the baseline. What fails there is
//     the copy's fault, not the plan's.
//   - Then it runs on a read-only root with the mounts of its plan, in rounds. After each
//     one the plan is mended by what was refused, and tried again.
//   - Each run takes the same steps: the start, the wait until it is ready, the exercise, a
//     restart, the same again, and an orderly stop.
//   - The plan is proved when a round took all steps as well as the baseline did, and
//     nothing was refused but what the service went on without: that is tolerated.
//   - A proof holds for one image, one definition of the service and one plan.

// MostRounds is how often a plan is mended and tried again in one trial.
const MostRounds = 10

// TrialJob is the kind of a trial.
const TrialJob JobKind = "trial"

// Trial is what became of a service's plan on throw-away copies. It is never changed once
// it has been handed over.
type Trial struct {
	Project, Service string
	ImageID          string
	Definition       string // Service.Definition of the service that was copied
	Plan             Plan   // as it was tried last: the proved one where Result is TrialProved
	Options          TrialOptions
	Began            time.Time
	Took             time.Duration
	Baseline         Run
	Rounds           []Round
	Result           TrialResult
	Reason           string  // why it was not proved, for a reader; "" otherwise
	Tolerated        []Write // refused in the last round, and the service went on as in the baseline
}

// TrialOptions are what a person chooses for a trial.
type TrialOptions struct {
	Data     TrialData
	Egress   bool          // the copies may reach other networks
	Exercise []Exercise    // commands, in their order
	For      time.Duration // how long each exercise lasts at least, besides
	Publish  bool          // the copy is reached at a port of this machine's loopback meanwhile
	Minimise bool          // mounts are taken away one at a time, to see which are needed
	Without  []string      // targets of planned mounts that a person left out
}

// TrialData says what the volumes of the copies hold.
type TrialData string

// What the volumes of copies hold.
const (
	CopiedData TrialData = "copy"  // what the originals held when the trial began
	FreshData  TrialData = "fresh" // nothing, as at a first start
)

// Exercise is a command that uses a service, as a person or another program would.
type Exercise struct {
	Service string // in whose copy it runs; "" for the host
	Command []string
}

// Run is one run of the copies.
type Run struct {
	Began time.Time
	Took  time.Duration
	Steps []TrialStep // as far as it came
	// Evidence is what the copy of the service wrote and was refused.
	Evidence Evidence
	Used     map[string]int64 // the most bytes that were in each tmpfs, by its target
	ExitCode int              // after the orderly stop, or of a job at its end
	Log      []string         // the last lines that the copy said, where a step failed
}

// Failed returns the first step that failed; nil where none did.
func (r *Run) Failed() *TrialStep {
	i := slices.IndexFunc(r.Steps, func(s TrialStep) bool { return s.Err != "" })
	if i < 0 {
		return nil
	}
	return &r.Steps[i]
}

// TrialStep is one step of a run.
type TrialStep struct {
	Kind   StepKind
	Again  bool   // it was taken after the restart
	What   string // is done, such as the port that is asked or the command; "" where the kind says it
	Took   time.Duration
	Err    string // why it failed; "" where it went well
	Answer string // what shows that it went well or how, such as "HTTP 200", to compare with the baseline
}

// StepKind is what a step does.
type StepKind string

// The steps of a run, in their order.
const (
	StartStep    StepKind = "start"
	ReadyStep    StepKind = "ready" // healthy or, without a health check, its ports listen and its log is quiet
	PortStep     StepKind = "port"  // one listening port is asked
	ExerciseStep StepKind = "exercise"
	RestartStep  StepKind = "restart"
	StopStep     StepKind = "stop"
)

// String says a step and what came of it, for tests and readers.
func (s TrialStep) String() string {
	text := string(s.Kind)
	if s.What != "" {
		text += " " + clipped(s.What)
	}
	if s.Again {
		text += " again"
	}
	switch {
	case s.Err != "":
		text += " failed: " + s.Err
	case s.Answer != "":
		text += ": " + s.Answer
	}
	return text
}

// Trying is how a trial goes that is under way, or why none is.
type Trying struct {
	Job
	Service string // whose plan is tried now; "" where none is
	Trial   *Trial // as far as it has come; nil before its baseline has begun
}

// mostOfCommand is as much of a command as a reader is told.
const mostOfCommand = 60

func clipped(text string) string {
	text, _, more := strings.Cut(text, "\n")
	if runes := []rune(text); len(runes) > mostOfCommand {
		text, more = string(runes[:mostOfCommand]), true
	}
	if more {
		text += "…"
	}
	return text
}

// Round is one run with a plan, and what was changed of the plan for the next one.
type Round struct {
	Run
	Mended []Mending
}

// Mending is one change of a plan, made because of what a run showed.
type Mending struct {
	Target string // of the mount
	Kind   MendingKind
	Why    string // one sentence, such as "mkdir of /run/app was refused to app (app)"
}

// MendingKind is what was changed of a mount.
type MendingKind string

// The ways to mend a plan.
const (
	MountAdded   MendingKind = "added"
	MountRemoved MendingKind = "removed" // as the service does not need it
	OwnerMended  MendingKind = "owner"   // or its mode
	SizeMended   MendingKind = "size"
	ExecMended   MendingKind = "exec"
)

// TrialResult is how a trial ended.
type TrialResult string

// The results of a trial.
const (
	TrialProved     TrialResult = "proved"
	TrialFailed     TrialResult = "failed"      // the plan does not hold, and nothing mends it
	TrialNoBaseline TrialResult = "no-baseline" // the unmodified copy does not work either
	TrialUnfinished TrialResult = "unfinished"  // MostRounds were not enough, or somebody stopped it
)

// Went reports whether a run took the same steps as another one, with the same answers,
// and ended with the same code.
func (r *Run) Went(as *Run) bool {
	return len(r.Steps) > 0 && r.ExitCode == as.ExitCode && slices.EqualFunc(r.Steps, as.Steps, func(a, b TrialStep) bool {
		return a.Kind == b.Kind && a.Again == b.Again && a.What == b.What && (a.Err == "") == (b.Err == "") && a.Answer == b.Answer
	})
}

// Proves reports whether a trial proves the mounts of a plan, for a service as it is now.
func (t *Trial) Proves(s *Service, p *Plan) bool {
	return t.Holds(s) && t.Plan.SameMounts(p)
}

// Wrote is what the unmodified copy wrote, as evidence of its own kind.
func (t *Trial) Wrote() Evidence {
	e := t.Baseline.Evidence
	e.From, e.Sittings, e.Live, e.PerSecond = []Source{FromTrial}, nil, false, 0
	return e
}

// Holds reports whether a trial proves its plan for a service as it is now.
func (t *Trial) Holds(s *Service) bool {
	return t != nil && t.Result == TrialProved && t.ImageID == s.ImageID() && t.Definition == s.Definition()
}

// Judging returns what tells of a write whether a trial that proves a plan has judged it:
// it was tolerated, or the unmodified copy did it as well.
func (t *Trial) Judging(s *Service, p *Plan) func(path string) bool {
	if !t.Proves(s, p) {
		return func(string) bool { return false }
	}
	return t.Judged
}

// Judged reports whether a trial that held has judged a write.
func (t *Trial) Judged(path string) bool {
	if t.Baseline.Evidence.Find(path) != nil {
		return true
	}
	return slices.ContainsFunc(t.Tolerated, func(w Write) bool { return w.Path == path })
}

// Last is the last round; nil where there is none.
func (t *Trial) Last() *Round {
	if t == nil || len(t.Rounds) == 0 {
		return nil
	}
	return &t.Rounds[len(t.Rounds)-1]
}

// Refused is how many paths were refused in the last round and not tolerated.
func (t *Trial) Refused() int {
	if last := t.Last(); last != nil && t.Result != TrialProved {
		return len(last.Evidence.RefusedPaths())
	}
	return 0
}

// Course says how long it took, and what was refused: "2 rounds, 41 s, 0 refused, 2 tolerated".
func (t *Trial) Course() string {
	return fmt.Sprintf("%s, %s, %d refused, %d tolerated", Plural(len(t.Rounds), "round"), DurationText(t.Took), t.Refused(), len(t.Tolerated))
}

// String sums up a trial: "proved: 2 rounds, 41 s, 0 refused, 2 tolerated".
func (t *Trial) String() string {
	text := string(t.Result) + ": " + t.Course()
	if t.Reason != "" {
		text += ": " + t.Reason
	}
	return text
}
