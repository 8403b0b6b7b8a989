package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"

	"petrify/inspect/helper"
	"petrify/inspect/trial/inside"
	"petrify/model"
)

// When a copy is ready:
//
//   - With a health check: when that says so.
//   - Without one: when the ports listen that did in the baseline and its log is quiet. In
//     the baseline: when the same ports have listened for a while and its log is quiet.
//     One that is not quiet after a minute is taken as it is.
//   - One that ends by itself with the code that its original ended with, or 0, is done.
const (
	lookEvery  = 100 * time.Millisecond
	quietFor   = time.Second            // of log and ports, where nobody knows which ports are to come
	quietAgain = 300 * time.Millisecond // of the log, where the ports are known
	readyLimit = time.Minute
	mostPorts  = 64
)

// ready waits until a copy is ready, and says how that was told.
func (r *run) ready(ctx context.Context, made *copied) (string, error) {
	health := checked(made.found.Config.Healthcheck)
	limit := time.Now().Add(readyLimit)
	if check := made.found.Config.Healthcheck; health {
		limit = limit.Add(quicker(check).StartPeriod)
	}
	var watch *portWatch
	if !health {
		watch = r.watchPorts(ctx, made)
	}
	for {
		found, err := r.inspect(ctx, made)
		if err != nil {
			return "", err
		}
		late := time.Now().After(limit)
		switch state := found.State; {
		case !state.Running && state.Status != container.StateCreated:
			return made.end(state)
		case health && unhealthy(state):
			return "", endedOr(state)
		case health && state.Health != nil && state.Health.Status == container.Healthy:
			return "healthy", nil
		case health && late:
			return "", fmt.Errorf("it is not healthy after %s", model.DurationText(readyLimit))
		case health:
		default:
			if answer, done, err := watch.settled(late); done {
				r.c.listened(made, watch.now)
				return answer, err
			}
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// end takes that a copy has ended by itself.
func (c *copied) end(state *container.State) (string, error) {
	code, ended := c.endedWith()
	if state.ExitCode == 0 || ended && code == state.ExitCode {
		c.ended = true
		return fmt.Sprintf("it ended with exit code %d", state.ExitCode), nil
	}
	return "", endedOr(state)
}

func unhealthy(state *container.State) bool {
	return state.Health != nil && state.Health.Status == container.Unhealthy
}

// endedOr says why a copy does not serve.
func endedOr(state *container.State) error {
	switch {
	case state.OOMKilled:
		return errors.New("it was killed, as it needs more memory than its limit")
	case !state.Running && state.Error != "":
		return errors.New(state.Error)
	case !state.Running:
		return fmt.Errorf("it ended with exit code %d", state.ExitCode)
	case unhealthy(state) && len(state.Health.Log) > 0:
		return fmt.Errorf("its health check fails: %s", strings.TrimSpace(state.Health.Log[len(state.Health.Log)-1].Output))
	default:
		return errors.New("its health check fails")
	}
}

// portWatch looks at the ports of a copy, from within its network.
type portWatch struct {
	made     *copied
	inside   looker        // nil where nobody can look
	expected []inside.Port // nil where nobody knows
	now      []inside.Port
	since    time.Time // when they changed last
}

// watchPorts begins to look at the ports of a copy.
func (r *run) watchPorts(ctx context.Context, made *copied) *portWatch {
	w := &portWatch{made: made, expected: r.c.baseline[made.service], since: time.Now()}
	w.inside, _ = r.enter(ctx, made)
	return w
}

// looker looks at a copy from within its network.
type looker interface {
	Do(inside.Request) (inside.Answer, error)
	Close() error
}

// enter enters the network of a copy, unless that was done since its start: petrify does
// so itself where it may, and else in a container of its own.
func (r *run) enter(ctx context.Context, made *copied) (looker, error) {
	if made.inside != nil {
		return made.inside, nil
	}
	if r.c.beside {
		if found, err := r.inspect(ctx, made); err == nil && found.State.Pid > 0 {
			if entered, err := inside.Enter(found.State.Pid); err == nil {
				made.inside = entered
				return entered, nil
			}
		}
	}
	talk, err := r.c.t.helper.Start(context.WithoutCancel(ctx), helper.Task{
		Purpose: "trial", Arguments: []string{"trial"}, Labels: r.c.labels(), Network: "container:" + made.id,
	})
	if err != nil {
		return nil, err
	}
	made.inside = inside.NewClient(talk.In, talk.Out, talk.Wait)
	return made.inside, nil
}

// leave leaves the network of a copy.
func (c *copied) leave() {
	if c.inside != nil {
		_ = c.inside.Close()
		c.inside = nil
	}
}

// settled reports whether a copy is ready, as far as its ports and its log tell. Where
// nobody can look at its ports, its log alone tells.
func (w *portWatch) settled(late bool) (answer string, done bool, err error) {
	if w.inside != nil {
		if found, err := w.inside.Do(inside.Request{Ports: true}); err == nil {
			if ports := w.made.lasting(found.Ports); !slices.Equal(ports, w.now) {
				w.now, w.since = ports, time.Now()
			}
		}
	}
	quiet := time.Since(slices.MaxFunc([]time.Time{w.since, w.made.log.last()}, time.Time.Compare))
	missing := slices.DeleteFunc(slices.Clone(w.expected), func(p inside.Port) bool { return slices.Contains(w.now, p) })
	switch {
	case w.expected != nil && len(missing) == 0 && (quiet > quietAgain || late), w.expected == nil && quiet > quietFor:
		return "it runs", true, nil
	case late && len(missing) > 0:
		return "", true, fmt.Errorf("port %d does not listen after %s", missing[0].Number, model.DurationText(readyLimit))
	case late:
		return "it runs", true, nil
	}
	return "", false, nil
}

// listened notes which ports of a copy listened, the first time that it was ready.
func (c *Copies) listened(made *copied, ports []inside.Port) {
	if c.baseline[made.service] == nil && ports != nil {
		c.baseline[made.service] = ports
	}
}

// The ports that Linux gives to whoever asks for any (ip_local_port_range).
const firstChosen, lastChosen = 32768, 60999

// lasting are the ports of a copy that are the same at each start: a port that the kernel
// chose is another one each time.
func (o *original) lasting(ports []inside.Port) []inside.Port {
	lasting := make([]inside.Port, 0, len(ports))
	for _, p := range ports {
		exposed := false
		for port := range o.found.Config.ExposedPorts {
			exposed = exposed || port.Num() == p.Number
		}
		if p.Number < firstChosen || p.Number > lastChosen || exposed {
			lasting = append(lasting, p)
		}
	}
	return lasting[:min(len(lasting), mostPorts)]
}

// askPorts asks each port of a copy that listens, and that listened in the baseline.
func (r *run) askPorts(ctx context.Context, tried *copied, again bool) bool {
	client, err := r.enter(ctx, tried)
	if err != nil {
		return ctx.Err() == nil // nobody can look: what is exercised tells
	}
	found, err := client.Do(inside.Request{Ports: true})
	if err != nil {
		return ctx.Err() == nil
	}
	ports := tried.lasting(found.Ports)
	if r.plan == nil && !again {
		r.c.baseline[tried.service] = ports
	}
	for _, expected := range r.c.baseline[tried.service] {
		if !slices.Contains(ports, expected) {
			ports = append(ports, expected)
		}
	}
	slices.SortFunc(ports, inside.Port.Compare)
	went := true
	for _, p := range ports {
		went = r.take(model.TrialStep{Kind: model.PortStep, What: portText(p), Again: again}, func() (string, error) {
			answer, err := patient(ctx, func() (inside.Answer, error) { return client.Do(inside.Request{Ask: &p}) })
			if err != nil {
				return "", err
			}
			return *answer.Reply, nil
		}) && went
	}
	return went
}

func portText(p inside.Port) string {
	if p.Address == "" {
		return fmt.Sprint(p.Number)
	}
	return fmt.Sprintf("%d at %s", p.Number, p.Address)
}
