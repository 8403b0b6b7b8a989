package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-shellwords"
	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/model/plan"
	"petrify/ui/clean"
	"petrify/ui/pane"
	"petrify/ui/report"
)

// tryOptions are the flags of try.
type tryOptions struct {
	data     string
	exercise []string
	format   string
	yes      bool
	model.TrialOptions
}

// trialFormats are the forms in which the result of trials is printed.
var trialFormats = []string{"text", "json"}

func tryCommand(p *Program, f *flags) *cobra.Command {
	var o tryOptions
	cmd := &cobra.Command{
		Use:   "try [SERVICE...]",
		Short: "Prove the plan on throw-away copies, and mend it until it holds",
		Long: `try starts copies of the services that are named, or of all, and of what they
depend on, in a network of their own: first as they are, then on a read-only root
with the mounts of the plan. Each copy is started, used, restarted and stopped. Where
a write is refused, the plan is mended and tried again. What is proved is kept, and
petrify plan, check and the inspector tell of it.

The services themselves are left alone, and all that is made is removed. It lists
beforehand what it creates, and asks; --yes agrees.

  petrify try web
  petrify try --exercise web='wget -qO- localhost/login' web
  petrify try --without '*' web      # begins with no mount at all

Exit codes: 0 when all plans are proved, 1 when one is not, 2 when it could not try.`,
		ValidArgsFunction: f.completeServices,
		RunE: func(cmd *cobra.Command, services []string) error {
			if _, err := indexOfFormat(o.format, trialFormats); err != nil {
				return err
			}
			session, err := f.session(cmd)
			if err != nil {
				return err
			}
			return p.try(cmd, session, o, services)
		},
	}
	set := cmd.Flags()
	set.StringVar(&o.data, "data", string(model.CopiedData), "what the volumes of the copies hold: copy or fresh")
	set.BoolVar(&o.Egress, "egress", false, "let the copies reach other networks: they may take jobs or send mail")
	set.StringArrayVar(&o.exercise, "exercise", nil, "use the copies with this `[SERVICE=]COMMAND`, in the copy of the service, or on this machine")
	set.DurationVar(&o.For, "for", 0, "use the copies at least so long, such as 5m")
	set.BoolVar(&o.Publish, "publish", false, "with --for: open a port on 127.0.0.1 for each port of the copy, to click through it")
	set.BoolVar(&o.Minimise, "minimise", false, "take mounts away that are not needed, and make tmpfs as small as they may be")
	set.StringArrayVar(&o.Without, "without", nil, "begin without the mount at this `TARGET`, or without any ('*')")
	set.StringVar(&o.format, "format", trialFormats[0], orList(trialFormats))
	schemaFlag(cmd, "--format json", report.TrialsSchema)
	set.BoolVarP(&o.yes, "yes", "y", false, "agree to what is created")
	completeFlag(cmd, "data", completeFixed([]string{string(model.CopiedData), string(model.FreshData)}))
	completeFlag(cmd, "format", completeFixed(trialFormats))
	for _, name := range []string{"for", "exercise", "without"} {
		completeFlag(cmd, name, cobra.NoFileCompletions)
	}
	return cmd
}

func (p *Program) try(cmd *cobra.Command, session Session, o tryOptions, services []string) error {
	// An interrupt ends the trials, and what follows from that has to be heard.
	watching, stop := context.WithCancel(context.WithoutCancel(cmd.Context()))
	defer stop()
	began := p.Now()
	live, stack, names, err := p.startTrials(watching, cmd, session, &o, services)
	if err != nil {
		return err
	}
	tried, failed := p.followTrials(cmd, live, names, began)
	if err := p.finish(cmd, live); failed == nil {
		failed = err
	}
	if err := report.Trials(cmd.OutOrStdout(), o.format == "json", stack.Name, names, tried); err != nil {
		return err
	}
	switch {
	case failed != nil:
		return failed
	case cmd.Context().Err() != nil:
		return cmd.Context().Err()
	}
	for _, name := range names {
		if t := tried[name]; t == nil || t.Result != model.TrialProved {
			return exitCode(1)
		}
	}
	return nil
}

// startTrials starts them when somebody agreed, and returns the services that are tried.
func (p *Program) startTrials(watching context.Context, cmd *cobra.Command, session Session, o *tryOptions, services []string) (Live, *model.Stack, []string, error) {
	ctx := cmd.Context()
	waiting := startProgress(cmd, p.Now)
	defer waiting.end()
	if err := waiting.hasServices(ctx, session, services); err != nil {
		return nil, nil, nil, err
	}
	live := session.Watch(watching) // of a service, what it depends on has to be known
	stack, err := interruptible(ctx, func() (*model.Stack, error) { return live.Complete(ctx, waiting.show) })
	if err != nil {
		return nil, nil, nil, err
	}
	names, missing, err := triedNames(stack, services)
	if err == nil {
		err = o.read(stack)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	var consent model.Consent
	err = waiting.await(ctx, model.WaitTrial, func() (err error) {
		consent, err = live.TrialConsent(ctx, stack, o.TrialOptions, names...)
		return err
	})
	if err != nil {
		return nil, nil, nil, err
	}
	waiting.end()
	if consent.Problem != nil {
		return nil, nil, nil, &model.ProblemError{Problem: *consent.Problem}
	}
	for _, name := range missing {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s is left out: no container of it was created yet\n", clean.Line(name))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "To try %s, petrify creates this and removes it afterwards. Nothing else is changed:\n", clean.Line(strings.Join(names, ", ")))
	for _, term := range pane.Creates(consent) {
		fmt.Fprintf(cmd.ErrOrStderr(), "  %-13s %s\n", term.Name, clean.Line(term.Value))
	}
	if err := ask(cmd, o.yes, "Create it?", "agree to it with --yes"); err != nil {
		return nil, nil, nil, err
	}
	return live, stack, names, live.StartTrial(ctx, stack, o.TrialOptions, names...)
}

// triedNames are the services that are named, or all that have no read-only root of their
// own; without those of which no copy can be made.
func triedNames(stack *model.Stack, services []string) (names, missing []string, err error) {
	wanted, err := stack.Only(services...)
	if err != nil {
		return nil, nil, err
	}
	for i := range wanted.Services {
		switch s := &wanted.Services[i]; {
		case len(services) == 0 && !s.WantsProof():
		case len(services) == 0 && !s.CanBeTried():
			missing = append(missing, s.Name)
		default:
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 && len(missing) == 0 {
		return nil, nil, &model.ProblemError{Problem: model.Problem{Text: "there is nothing to try: every service is read-only already", Advice: "name a service to try it all the same"}}
	}
	if len(names) == 0 {
		return nil, nil, &model.ProblemError{Problem: model.Problem{
			Text: "there is nothing to make copies of: no container was created yet", Advice: "`docker compose create` makes them without starting them",
		}}
	}
	return names, missing, nil
}

// read reads the flags that are texts.
func (o *tryOptions) read(stack *model.Stack) error {
	o.Data = model.TrialData(o.data)
	if o.Data != model.CopiedData && o.Data != model.FreshData {
		return fmt.Errorf("--data %s is neither copy nor fresh", o.data)
	}
	if o.For < 0 {
		return errors.New("--for takes a time such as 5m")
	}
	if o.Publish && o.For == 0 {
		return errors.New("--publish needs the time that the copy is used: add --for 5m")
	}
	for _, target := range o.Without {
		if target != plan.Everything && !strings.HasPrefix(target, "/") {
			return fmt.Errorf("--without takes the absolute path of a mount, or '*', and not %s", target)
		}
	}
	for _, text := range o.exercise {
		exercise := model.Exercise{Command: []string{"sh", "-c", text}}
		if name, command, ok := strings.Cut(text, "="); ok && stack.Service(name) != nil {
			words, err := shellwords.Parse(command)
			if err != nil || len(words) == 0 {
				return fmt.Errorf("--exercise %s: the command cannot be read; quote it as for a shell", text)
			}
			exercise = model.Exercise{Service: name, Command: words}
		}
		o.Exercise = append(o.Exercise, exercise)
	}
	return nil
}

// trialProgress is how trials go, as far as standard error tells of it.
type trialProgress struct {
	program  *Program
	cmd      *cobra.Command
	terminal bool
	width    func() int
	names    []string

	seen    bool // that trials are under way
	began   time.Time
	service string
	told    int // lines of the service's trial
	tried   map[string]*model.Trial
}

// followTrials tells how they go until they have ended, and returns what became of each.
func (p *Program) followTrials(cmd *cobra.Command, live Live, names []string, began time.Time) (tried map[string]*model.Trial, failed error) {
	f := &trialProgress{
		program: p, cmd: cmd, terminal: isTerminal(cmd.ErrOrStderr()), width: widthOf(cmd.ErrOrStderr()), names: names, began: began, tried: map[string]*model.Trial{},
	}
	defer f.erase()
	interrupted := cmd.Context().Done()
	following, enough := context.WithCancel(context.WithoutCancel(cmd.Context()))
	defer enough()
	stacks, ended := followStacks(following, live)
	var finished chan error // nil until it is told to end
	defer func() {
		if finished != nil {
			if err := <-finished; failed == nil { // its line has gone
				failed = err
			}
		}
	}()
	for {
		select {
		case stack := <-stacks:
			if done, err := f.take(stack); done {
				return f.tried, err
			}
		case <-interrupted:
			interrupted, f.seen = nil, true
			f.erase()
			fmt.Fprintln(cmd.ErrOrStderr(), "the trial ends, and what was created is removed")
			live.StopTrial()
			finished = make(chan error, 1)
			go func() { finished <- p.finish(cmd, live) }()
		case err := <-finished:
			if finished = nil; err != nil {
				return f.tried, err
			}
		case err := <-ended:
			return f.tried, err
		}
	}
}

// take tells of a newer stack, and whether the trials have ended.
func (f *trialProgress) take(stack *model.Stack) (done bool, err error) {
	state := stack.Trying
	f.seen = f.seen || state.State.UnderWay()
	for _, name := range f.names {
		s := stack.Service(name)
		if s != nil && s.Trial != nil && !s.Trial.Began.Before(f.began) && f.tried[name] == nil {
			f.tried[name] = s.Trial
			f.tell(s.Trial)
			f.line("%s: %s", name, s.Trial.String())
		}
	}
	switch {
	case state.State == model.JobFailed:
		return true, &model.ProblemError{Problem: model.Problem{Text: state.Reason, Advice: state.Advice}}
	case state.State == model.NoJob:
		return f.seen, nil
	}
	if state.Trial != nil && f.tried[state.Service] == nil {
		f.tell(state.Trial)
	}
	if f.terminal {
		text := clean.Line(fmt.Sprintf("%s  %s  Ctrl-C ends it", f.program.Now().Sub(f.began).Round(time.Second), state.StepText()))
		fmt.Fprintf(f.cmd.ErrOrStderr(), "%s%s", eraseLine, clean.Fit(text, f.width()-1))
	}
	return false, nil
}

// tell writes what is new of a trial.
func (f *trialProgress) tell(t *model.Trial) {
	if t.Service != f.service {
		f.service, f.told = t.Service, 0
	}
	lines := t.Lines()
	for _, line := range lines[min(f.told, len(lines)):] {
		f.line("%s: %s", t.Service, line)
	}
	f.told = max(f.told, len(lines))
}

func (f *trialProgress) line(format string, arguments ...any) {
	f.erase()
	fmt.Fprintln(f.cmd.ErrOrStderr(), clean.Line(fmt.Sprintf(format, arguments...)))
}

func (f *trialProgress) erase() {
	if f.terminal {
		fmt.Fprintf(f.cmd.ErrOrStderr(), "%s", eraseLine)
	}
}
