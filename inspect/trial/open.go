package trial

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/record"
	"petrify/inspect/trial/inside"
	"petrify/model"
)

// Where the keeper has what it keeps.
const (
	keptAt = "/kept"  // the content of the volumes, as it was when the trial began
	fromAt = "/from/" // with a number behind: what that was copied from
	toAt   = "/to/"   // with a number behind: what the copies are given
)

// keeperRights are the capabilities with which files of everybody can be copied.
var keeperRights = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETFCAP"}

// Copies are those of one service and of what it depends on.
type Copies struct {
	t         *Trials
	options   model.TrialOptions
	originals []*original // the service is the last one
	layout    layout
	id        string
	keeper    *inside.Client // nil before it has started
	volumes   []string
	files     []string
	runs      int
	baseline  map[string][]inside.Port // ports by service, as they listened first
	published published

	recorder func(context.Context) (*helper.Talk, error)
	blind    string // why nobody can say who writes; "" where somebody can
	beside   bool   // petrify is root on the engine's host
}

// prepared is what is known before anything is created.
type prepared struct {
	originals []*original
	layout    layout
	recorder  func(context.Context) (*helper.Talk, error)
	blind     string
	beside    bool   // petrify is root on the engine's host
	dataRoot  string // of the engine
}

// prepare finds out what is copied, and how.
func (t *Trials) prepare(ctx context.Context, stack *model.Stack, service string, options model.TrialOptions) (*prepared, error) {
	about, dataRoot, err := t.engine.About(ctx)
	if err != nil {
		return nil, err
	}
	p := &prepared{dataRoot: dataRoot}
	if p.originals, err = t.originals(ctx, stack, service); err != nil {
		return nil, err
	}
	p.layout = newLayout(p.originals, options.Data)
	t.describeVolumes(ctx, &p.layout)
	p.beside = record.Direct(ctx, t.engine, nil, about.Address, dataRoot)
	switch why := about.Unrecordable(); {
	case why != "":
		p.blind = why
	case p.beside:
		p.recorder = record.OpenDirect
	default:
		p.recorder = func(ctx context.Context) (*helper.Talk, error) { return t.helper.Start(ctx, record.Task) }
	}
	return p, nil
}

// describeVolumes gives volumes that stand for a tmpfs its options.
func (t *Trials) describeVolumes(ctx context.Context, l *layout) {
	for i := range l.volumes {
		from := l.volumes[i].from
		if from == nil || from.Type != mount.TypeVolume {
			continue
		}
		found, err := t.api.VolumeInspect(ctx, from.Source, client.VolumeInspectOptions{})
		if err == nil && found.Volume.Driver == "local" && found.Volume.Options["type"] == "tmpfs" {
			l.volumes[i].options = found.Volume.Options
		}
	}
}

// measure looks how much is copied, where petrify sees the files itself.
func (t *Trials) measure(ctx context.Context, l *layout) {
	for i := range l.volumes {
		v := &l.volumes[i]
		if v.from == nil {
			continue
		}
		at := v.from.Source
		if v.from.Type == mount.TypeVolume {
			found, err := t.api.VolumeInspect(ctx, at, client.VolumeInspectOptions{})
			if err != nil {
				continue
			}
			at = found.Volume.Mountpoint
		}
		if size, err := inside.Measure(ctx, at); err == nil {
			v.bytes = size.Bytes
		}
	}
}

// Open makes what all runs of a trial need: a network, and the data of the copies. What
// was made by an open that fails is removed. Each step is told as it begins, for a reader.
func (t *Trials) Open(ctx context.Context, stack *model.Stack, service string, options model.TrialOptions, step func(string)) (*Copies, error) {
	step("look at " + service)
	if err := t.Sweep(ctx); err != nil {
		return nil, err
	}
	p, err := t.prepare(ctx, stack, service, options)
	if err != nil {
		return nil, err
	}
	c := &Copies{
		t: t, options: options, originals: p.originals, layout: p.layout, recorder: p.recorder, blind: p.blind, beside: p.beside,
		id: strings.ToLower(rand.Text()[:12]), baseline: map[string][]inside.Port{},
		published: published{listeners: map[uint16]net.Listener{}},
	}
	for i := range c.layout.volumes {
		c.volumes = append(c.volumes, c.name(strconv.Itoa(i)))
	}
	if err := c.open(ctx, step); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// name is that of one thing of the trial.
func (c *Copies) name(what string) string {
	name := "petrify-trial-" + c.id
	if what != "" {
		name += "-" + what
	}
	return name
}

// service is the one whose plan is tried.
func (c *Copies) service() string { return c.tried().service }

func (c *Copies) tried() *original { return c.originals[len(c.originals)-1] }

func (c *Copies) labels() map[string]string { return map[string]string{label: c.id} }

func (c *Copies) open(ctx context.Context, step func(string)) error {
	step("start petrify's own container")
	talk, err := c.t.helper.Start(context.WithoutCancel(ctx), c.keeperTask())
	if err != nil {
		return err
	}
	c.keeper = inside.NewClient(talk.In, talk.Out, talk.Wait)
	// By now the helper has removed keepers that never started.
	if err := c.t.Sweep(ctx); err != nil {
		return err
	}
	if err := c.fits(ctx); err != nil {
		return err
	}
	if c.layout.copied() {
		step("copy the data")
	}
	if err := c.keep(ctx); err != nil {
		return err
	}
	_, err = c.t.api.NetworkCreate(ctx, c.name(""), client.NetworkCreateOptions{
		Driver: "bridge", Internal: !c.options.Egress, Labels: c.labels(),
	})
	if err != nil {
		return fmt.Errorf("make the network of the copies: %w", err)
	}
	return nil
}

// keeperTask is what keeps the data of the copies. The engine makes the volumes with it,
// so that they are never there without it.
func (c *Copies) keeperTask() helper.Task {
	task := helper.Task{Purpose: "keeper", Arguments: []string{"trial"}, Labels: c.labels()}
	task.Labels[labelKeeper] = c.id
	task.Mounts = c.layout.keeperMounts(c.name("kept"), c.volumes, c.labels())
	if len(task.Mounts) > 0 {
		task.Capabilities = keeperRights
	}
	return task
}

// keeperMounts are those of the keeper, which mounts what is the user's read-only.
func (l *layout) keeperMounts(kept string, volumes []string, labels map[string]string) []mount.Mount {
	var mounts []mount.Mount
	add := func(source, target string, options map[string]string) {
		m := mount.Mount{Type: mount.TypeVolume, Source: source, Target: target, VolumeOptions: &mount.VolumeOptions{NoCopy: true, Labels: labels}}
		if options != nil {
			m.VolumeOptions.DriverConfig = &mount.Driver{Name: "local", Options: options}
		}
		mounts = append(mounts, m)
	}
	for i, v := range l.volumes {
		if v.from != nil {
			from := *v.from
			from.Target = fromAt + strconv.Itoa(i)
			mounts = append(mounts, from)
		}
		var source string
		if i < len(volumes) {
			source = volumes[i]
		}
		add(source, toAt+strconv.Itoa(i), v.options)
	}
	if l.copied() {
		add(kept, keptAt, nil)
	}
	return mounts
}

// copied reports whether any data is copied.
func (l *layout) copied() bool {
	for _, v := range l.volumes {
		if v.from != nil {
			return true
		}
	}
	return false
}

// keep copies what the originals' volumes hold now.
func (c *Copies) keep(ctx context.Context) error {
	c.files = make([]string, len(c.volumes))
	for i, v := range c.layout.volumes {
		if v.single {
			made, err := c.t.api.VolumeInspect(ctx, c.volumes[i], client.VolumeInspectOptions{})
			if err != nil {
				return fmt.Errorf("look at a volume of the copies: %w", err)
			}
			c.files[i] = made.Volume.Mountpoint + "/" + inside.FileName
		}
		if v.from == nil {
			continue
		}
		number := strconv.Itoa(i)
		answer, err := c.ask(ctx, inside.Request{Copy: &inside.Copy{From: fromAt + number, To: keptAt + "/" + number}})
		if err != nil {
			return fmt.Errorf("copy %s of %s: %w", v.target, v.service, err)
		}
		if answer.Skipped > 0 {
			c.layout.note("%s of %s was copied without %s", v.target, v.service, model.Plural(answer.Skipped, "device or attribute"))
		}
	}
	return nil
}

// fill gives the volumes of the copies the data that every run starts from.
func (c *Copies) fill(ctx context.Context) error {
	for i, v := range c.layout.volumes {
		number := strconv.Itoa(i)
		_, err := c.ask(ctx, inside.Request{Clear: toAt + number})
		if err == nil && v.from != nil {
			_, err = c.ask(ctx, inside.Request{Copy: &inside.Copy{From: keptAt + "/" + number, To: toAt + number}})
		}
		if err != nil {
			return fmt.Errorf("fill %s of %s: %w", v.target, v.service, err)
		}
	}
	return nil
}

// ask asks the keeper. When ctx ends meanwhile, nobody asks it again.
func (c *Copies) ask(ctx context.Context, r inside.Request) (inside.Answer, error) {
	return patient(ctx, func() (inside.Answer, error) { return c.keeper.Do(r) })
}

// patient waits for an answer, as long as ctx lasts.
func patient(ctx context.Context, ask func() (inside.Answer, error)) (inside.Answer, error) {
	type answered struct {
		answer inside.Answer
		err    error
	}
	got := make(chan answered, 1)
	go func() {
		answer, err := ask()
		got <- answered{answer, err}
	}()
	select {
	case a := <-got:
		return a.answer, a.err
	case <-ctx.Done():
		return inside.Answer{}, context.Cause(ctx)
	}
}

// memoryOf is how much memory an original uses now; 0 where it does not run.
func (t *Trials) memoryOf(ctx context.Context, o *original) int64 {
	if !o.made || o.found.State == nil || !o.found.State.Running {
		return 0
	}
	stats, err := t.api.ContainerStats(ctx, o.found.ID, client.ContainerStatsOptions{})
	if err != nil {
		return 0
	}
	defer stats.Body.Close()
	var sample container.StatsResponse
	if json.NewDecoder(stats.Body).Decode(&sample) != nil {
		return 0
	}
	return max(int64(sample.MemoryStats.Usage)-int64(sample.MemoryStats.Stats["inactive_file"]), 0)
}

// gone reports whether what was to be removed is not there any more.
func gone(err error) bool { return engine.IsGone(err) }
