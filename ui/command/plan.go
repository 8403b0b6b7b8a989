package command

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/export"
)

func planFormatNames() []string {
	names := make([]string, len(export.Formats))
	for i := range export.Formats {
		names[i] = export.Formats[i].Name
	}
	return names
}

// planOptions are the flags of plan.
type planOptions struct {
	format, file string
	force        bool
	model.PlanOptions
}

func planCommand(p *Program, f *flags) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan [SERVICE...]",
		Short: "Print the mounts with which the stack runs on read-only roots",
		Long: `plan asks the engine once, finds out what the images hold without running
anything, and prints the smallest set of mounts that takes what the services
write, with the reason for each. It changes nothing.

  petrify plan -w compose.readonly.yaml
  docker compose -f compose.yaml -f compose.readonly.yaml up -d

What the format cannot express is said on standard error.
Exit codes: 0 with a plan, 2 when it could not look or write.`,
		ValidArgsFunction: f.completeServices,
		RunE: func(cmd *cobra.Command, services []string) error {
			return p.plan(cmd, f, o, services)
		},
	}
	set := cmd.Flags()
	set.StringVarP(&o.format, "output", "o", export.Formats[0].Name, orList(planFormatNames()))
	set.StringVarP(&o.file, "write", "w", "", "write to this `FILE`, which must be new, or an earlier plan that nobody has changed")
	set.BoolVar(&o.force, "force", false, "with --write, replace the file whoever wrote or changed it")
	schemaFlag(cmd, "-o json", export.Schema)
	set.BoolVar(&o.NoAssumptions, "no-assumptions", false, "plan only for what was written, not for what such services usually need")
	completeFlag(cmd, "output", completeFixed(planFormatNames()))
	return cmd
}

func (p *Program) plan(cmd *cobra.Command, f *flags, o planOptions, services []string) error {
	at, err := indexOfFormat(o.format, planFormatNames())
	if err != nil {
		return err
	}
	if o.file != "" {
		if err := p.mayReplace(o.file, o.force); err != nil { // before anybody waits
			return err
		}
	}
	session, err := f.session(cmd)
	if err != nil {
		return err
	}
	all, plans, err := p.plansOf(cmd, session, o.PlanOptions, services)
	if err != nil {
		return err
	}
	stack, err := all.stack.Only(services...)
	if err != nil {
		return err
	}
	if err := export.Formats[at].Nothing(stack, plans); err != nil {
		return err
	}
	if o.file != "" {
		if stack, plans, err = p.withEarlier(cmd, all, o, stack, plans); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	notes, err := export.Formats[at].Write(&text, stack, plans)
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(cmd.ErrOrStderr(), "petrify:", clean.Line(note))
	}
	if o.file != "" {
		return p.Files.Replace(o.file, export.Signed(text.Bytes()))
	}
	_, err = text.WriteTo(cmd.OutOrStdout())
	return err
}

// mayReplace returns why a file must not be replaced by a plan: somebody else wrote it, or
// has changed it since.
func (p *Program) mayReplace(file string, whoever bool) error {
	if err := p.Files.MayReplace(file, export.Ours, whoever); err != nil || whoever {
		return err
	}
	earlier, err := p.Files.Read(file)
	if err == nil && export.ByHand(earlier) {
		err = export.ByHandError(file)
	}
	return err
}

// adviceForTaken says where a plan can go when its file is something else.
func adviceForTaken(e *model.FileTakenError) string {
	if e.Regular {
		return "choose another name, or replace it with `petrify plan --force`"
	}
	return "leave -w out to print the plan, or choose another name"
}

// looked is a stack of which all is known that was asked for.
type looked struct {
	live  Live
	stack *model.Stack
}

// plansOf waits for the stack, and plans the services that are named, or all.
func (p *Program) plansOf(cmd *cobra.Command, session Session, options model.PlanOptions, services []string) (looked, []model.Plan, error) {
	waiting := startProgress(cmd, p.Now)
	defer waiting.end()
	ctx := cmd.Context()
	live, stack, err := waiting.stackOf(ctx, session, services)
	if err != nil {
		return looked{}, nil, err
	}
	wanted, err := stack.Only(services...)
	if err != nil {
		return looked{}, nil, err
	}
	var plans []model.Plan
	for i := range wanted.Services {
		name := wanted.Services[i].Name
		waiting.show([]model.Waiting{{
			Step: model.WaitImages, Done: i, Total: len(wanted.Services), On: []model.Asked{{Service: name, Since: p.Now()}},
		}})
		// Of the whole stack: others may run the image of a service that does not run.
		more, err := live.Plans(ctx, stack, options, name)
		if err != nil {
			return looked{}, nil, err
		}
		plans = append(plans, more...)
	}
	return looked{live, stack}, plans, nil
}
