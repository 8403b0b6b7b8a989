package command

// The second verdict of a check, with the plan, follows these rules:
//
//   - Only a service of which writes would be refused, or are, or that was tried, is planned for;
//     where proofs are asked for, all that need one. A plan does not change the other
//     verdicts, and what an image holds takes a while to ask.
//   - What a plan fails of, or takes too long for, is said as the reason of the verdict:
//     the check itself does not fail.

import (
	"context"
	"errors"
	"time"

	"petrify/model"
	"petrify/model/plan"
	"petrify/ui"
)

// planTime bounds how long all services together are planned for.
const planTime = 2 * time.Minute

// verdicts judges the services that are wanted a second time, with their plans. Nil means
// that nobody can plan.
func (p *progress) verdicts(ctx context.Context, planner ui.Planner, whole, wanted *model.Stack, proofs bool) (map[string]model.Planned, error) {
	if planner == nil || whole.Link.State != model.Live {
		return nil, nil
	}
	var breaking []*model.Service
	judged := map[string]model.Planned{}
	for i := range wanted.Services {
		s := &wanted.Services[i]
		if s.Breaks() || s.Trial != nil || proofs && s.WantsProof() {
			breaking = append(breaking, s)
		} else {
			judged[s.Name] = plan.Judge(s, nil)
		}
	}
	bounded, cancel := context.WithTimeout(ctx, planTime)
	defer cancel()
	for i, s := range breaking {
		p.show([]model.Waiting{{
			Step: model.WaitImages, Done: i, Total: len(breaking), On: []model.Asked{{Service: s.Name, Since: p.now()}},
		}})
		judged[s.Name] = verdictOf(bounded, planner, whole, s)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return judged, nil
}

// verdictOf plans for one service.
func verdictOf(ctx context.Context, planner ui.Planner, stack *model.Stack, s *model.Service) model.Planned {
	plans, err := interruptible(ctx, func() ([]model.Plan, error) {
		return planner.Plans(ctx, stack, model.PlanOptions{}, s.Name)
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("what images hold was not told in " + model.DurationText(planTime))
	}
	if err != nil {
		verdict := plan.Judge(s, nil)
		verdict.Reason = "the plan could not be made: " + err.Error()
		return verdict
	}
	for i := range plans {
		if plans[i].Service == s.Name {
			return plan.Judge(s, &plans[i])
		}
	}
	return plan.Judge(s, nil)
}
