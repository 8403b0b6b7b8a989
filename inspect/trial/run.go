package trial

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/model"
)

// A run of the copies:
//
//   - What the service depends on starts first, one after the other, and is waited for.
//   - The copy of the service is watched before it starts.
//   - Start, ready, ports, exercise; restart, and the same again; stop. A step that cannot
//     be taken ends the run: what can be seen of the stop is still seen.
//   - A service that ends by itself, as its original did, is started again instead of
//     exercised.

// run is a run under way.
type run struct {
	c      *Copies
	told   func(model.TrialStep)
	plan   *model.Plan
	at     setting
	record *recorded
	made   []*copied
	result model.Run
}

// copied is one copy.
type copied struct {
	*original
	id     string
	log    *logTail
	inside looker // nil where nobody looks
	ended  bool   // by itself, and well
}

// Run runs the copies with a plan, or unmodified where that is nil. Each step is told as
// it begins. The error says why there is no run: what failed in one is among its steps.
func (c *Copies) Run(ctx context.Context, plan *model.Plan, step func(model.TrialStep)) (result model.Run, err error) {
	began := time.Now()
	c.runs++
	r := &run{c: c, told: step, plan: plan, result: model.Run{Began: began, Used: map[string]int64{}}}
	defer func() {
		err = errors.Join(err, r.remove(ctx))
		result = r.result
		result.Took = time.Since(began)
	}()
	if err := r.prepare(ctx); err != nil {
		return r.result, err
	}
	r.record = c.record(ctx)
	defer func() { r.result.Evidence = r.record.evidence(r.result.Used) }()
	if r.steps(ctx); ctx.Err() != nil {
		return r.result, context.Cause(ctx)
	}
	return r.result, nil
}

// prepare makes the volumes of a run, and its setting.
func (r *run) prepare(ctx context.Context) error {
	c := r.c
	r.at = setting{
		trial: c.id, network: c.name(""), names: map[string]string{}, originals: c.originals, layout: &c.layout,
		volumes: c.volumes, files: c.files, plan: r.plan, planned: map[string]string{},
	}
	for i, o := range c.originals {
		r.at.names[o.service] = c.name(strconv.Itoa(c.runs) + "-" + strconv.Itoa(i))
	}
	if err := c.fill(ctx); err != nil {
		return err
	}
	if r.plan == nil {
		return nil
	}
	for i, m := range r.plan.Mounts {
		if m.Kind != model.Volume {
			continue
		}
		name := c.name(strconv.Itoa(c.runs) + "-plan-" + strconv.Itoa(i))
		if _, err := c.t.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name, Labels: c.labels()}); err != nil {
			return fmt.Errorf("make the volume of the plan for %s: %w", m.Target, err)
		}
		r.at.planned[m.Target] = name
	}
	return nil
}

// remove removes what this run made.
func (r *run) remove(ctx context.Context) error {
	ctx, cancel := cleanup(ctx)
	defer cancel()
	var err error
	for _, made := range r.made {
		made.leave()
		made.log.stop()
		err = errors.Join(err, r.c.t.removeContainer(ctx, made.id))
	}
	for _, name := range r.at.planned {
		err = errors.Join(err, r.c.t.removeVolume(ctx, name))
	}
	return err
}

// take takes one step: what it is, and what came of it.
func (r *run) take(step model.TrialStep, do func() (answer string, err error)) bool {
	r.told(step)
	began := time.Now()
	answer, err := do()
	step.Took, step.Answer = time.Since(began), answer
	if err != nil {
		step.Err = err.Error()
	}
	r.result.Steps = append(r.result.Steps, step)
	return err == nil
}

// steps takes the steps of a run, as far as it comes.
func (r *run) steps(ctx context.Context) {
	for _, o := range r.c.originals[:len(r.c.originals)-1] {
		if !r.dependency(ctx, o) {
			return
		}
	}
	o := r.c.tried()
	var tried *copied
	if !r.take(model.TrialStep{Kind: model.StartStep}, func() (answer string, err error) {
		tried, err = r.start(ctx, o)
		return "", err
	}) {
		r.lastOf(tried)
		return
	}
	went := r.use(ctx, tried, false) && r.restart(ctx, tried) && r.use(ctx, tried, true)
	if ctx.Err() != nil {
		return
	}
	r.stop(ctx, tried)
	if !went {
		r.lastOf(tried)
	}
}

// lastOf keeps what a copy said last.
func (r *run) lastOf(tried *copied) {
	if tried != nil && tried.log != nil {
		r.result.Log = tried.log.lines()
	}
}

// dependency starts something that the service depends on. Only what fails is a step.
func (r *run) dependency(ctx context.Context, o *original) bool {
	step := model.TrialStep{Kind: model.StartStep, What: o.service}
	r.told(step)
	began := time.Now()
	made, err := r.start(ctx, o)
	if err == nil {
		_, err = r.ready(ctx, made)
	}
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	step.Took, step.Err = time.Since(began), err.Error()
	r.result.Steps = append(r.result.Steps, step)
	r.lastOf(made)
	return false
}

// start makes the copy of a service, and starts it.
func (r *run) start(ctx context.Context, o *original) (*copied, error) {
	api := r.c.t.api
	created, err := api.ContainerCreate(ctx, copyOf(o, r.at))
	if err != nil {
		return nil, fmt.Errorf("make its copy: %w", err)
	}
	made := &copied{original: o, id: created.ID, log: newLogTail(o.found.Config.Tty)}
	r.made = append(r.made, made)
	if err := r.copyIn(ctx, made); err != nil {
		return made, err
	}
	if o == r.c.tried() {
		r.record.made(ctx, made.id)
	}
	return made, r.begin(ctx, made)
}

// begin starts a copy that is there, and follows its log.
func (r *run) begin(ctx context.Context, made *copied) error {
	since := time.Now()
	_, err := r.c.t.api.ContainerStart(ctx, made.id, client.ContainerStartOptions{})
	if made.original == r.c.tried() {
		r.record.tell(ctx, "start", made.id)
	}
	made.ended = false
	made.log.follow(ctx, r.c.t.api, made.id, since)
	return err
}

// use waits until a copy is ready, and uses it.
func (r *run) use(ctx context.Context, tried *copied, again bool) bool {
	if !r.take(model.TrialStep{Kind: model.ReadyStep, Again: again}, func() (string, error) { return r.ready(ctx, tried) }) {
		return false
	}
	if tried.ended {
		return true
	}
	return r.askPorts(ctx, tried, again) && r.exercise(ctx, tried, again) && r.stays(ctx, tried, again)
}

// stays looks whether a copy still runs after it was used.
func (r *run) stays(ctx context.Context, tried *copied, again bool) bool {
	found, err := r.inspect(ctx, tried)
	if err == nil && found.State.Running && !unhealthy(found.State) {
		return true
	}
	return r.take(model.TrialStep{Kind: model.ReadyStep, What: "after its use", Again: again}, func() (string, error) {
		if err != nil {
			return "", err
		}
		return "", endedOr(found.State)
	})
}

// restart stops a copy and starts it again.
func (r *run) restart(ctx context.Context, tried *copied) bool {
	return r.take(model.TrialStep{Kind: model.RestartStep}, func() (string, error) {
		if err := r.halt(ctx, tried); err != nil {
			return "", err
		}
		return "", r.begin(ctx, tried)
	})
}

// halt tells a copy to stop, and waits until it has.
func (r *run) halt(ctx context.Context, tried *copied) error {
	tried.leave()
	_, err := r.c.t.api.ContainerStop(ctx, tried.id, client.ContainerStopOptions{})
	if tried.original == r.c.tried() {
		r.record.tell(ctx, "die", tried.id)
	}
	return err
}

// stop ends a run in an orderly way: pid files go then, and what is kept in memory is
// written.
func (r *run) stop(ctx context.Context, tried *copied) {
	r.take(model.TrialStep{Kind: model.StopStep}, func() (string, error) {
		if err := r.halt(ctx, tried); err != nil {
			return "", err
		}
		found, err := r.inspect(ctx, tried)
		if err != nil {
			return "", err
		}
		r.result.ExitCode = found.State.ExitCode
		return fmt.Sprintf("exit code %d", found.State.ExitCode), nil
	})
}

func (r *run) inspect(ctx context.Context, made *copied) (container.InspectResponse, error) {
	found, err := r.c.t.engine.InspectRaw(ctx, made.id)
	if err == nil && found.State == nil {
		err = errors.New("the engine does not say what its state is")
	}
	return found, err
}
