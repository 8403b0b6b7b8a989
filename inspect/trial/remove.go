package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

const (
	removeLimit = 60 * time.Second
	removePause = 50 * time.Millisecond
	removeTries = 40 // for what is still in use
	labelHelper = "io.petrify.helper"
)

// cleanup is the context of what has to be removed also when nobody waits any more.
func cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
}

// Close removes all that was made. Its error names what is left: the next trial removes
// that.
func (c *Copies) Close() error {
	c.published.close()
	ctx, cancel := cleanup(context.Background())
	defer cancel()
	ours := func(id string) bool { return id == c.id }
	err := errors.Join(c.t.removeContainers(ctx, ours), c.t.removeNetworks(ctx, ours))
	if c.keeper != nil {
		err = errors.Join(err, c.keeper.Close())
	}
	return errors.Join(err, c.t.removeVolumes(ctx, ours))
}

// Sweep removes what a petrify left that was killed: what carries the label of a trial
// that has no keeper.
func (t *Trials) Sweep(ctx context.Context) error {
	// Its keeper is there before anything else of a trial is, so that it is looked for last.
	seen, err := t.seen(ctx)
	if err == nil && len(seen) > 0 {
		var keepers client.ContainerListResult
		keepers, err = t.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", labelKeeper)})
		for _, k := range keepers.Items {
			// One that does not run yet is about to, or of a petrify that was killed meanwhile:
			// the helper removes those.
			if k.State == container.StateRunning || k.State == container.StateCreated {
				delete(seen, k.Labels[labelKeeper])
			}
		}
	}
	if err == nil && len(seen) > 0 {
		dead := func(id string) bool { return seen[id] }
		err = errors.Join(t.removeContainers(ctx, dead), t.removeNetworks(ctx, dead), t.removeVolumes(ctx, dead))
	}
	if err != nil {
		return fmt.Errorf("remove what an earlier trial left: %w", err)
	}
	return nil
}

// seen are the trials of which anything is there.
func (t *Trials) seen(ctx context.Context) (map[string]bool, error) {
	seen := map[string]bool{}
	containers, err := t.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours()})
	for _, one := range containers.Items {
		seen[one.Labels[label]] = true
	}
	networks, netErr := t.api.NetworkList(ctx, client.NetworkListOptions{Filters: ours()})
	for _, one := range networks.Items {
		seen[one.Labels[label]] = true
	}
	volumes, volErr := t.api.VolumeList(ctx, client.VolumeListOptions{Filters: ours()})
	for _, one := range volumes.Items {
		seen[one.Labels[label]] = true
	}
	return seen, errors.Join(err, netErr, volErr)
}

func ours() client.Filters { return make(client.Filters).Add("label", label) }

// removeContainers removes those of some trials. The helper removes its own.
func (t *Trials) removeContainers(ctx context.Context, of func(id string) bool) error {
	found, err := t.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours()})
	if err != nil {
		return err
	}
	for _, one := range found.Items {
		if _, helpers := one.Labels[labelHelper]; !helpers && of(one.Labels[label]) {
			err = errors.Join(err, t.removeContainer(ctx, one.ID))
		}
	}
	return err
}

// removeContainer removes a container with the volumes that nobody named.
func (t *Trials) removeContainer(ctx context.Context, id string) error {
	return insist(ctx, func() error {
		_, err := t.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		return err
	})
}

func (t *Trials) removeNetworks(ctx context.Context, of func(id string) bool) error {
	found, err := t.api.NetworkList(ctx, client.NetworkListOptions{Filters: ours()})
	if err != nil {
		return err
	}
	for _, one := range found.Items {
		if of(one.Labels[label]) {
			err = errors.Join(err, insist(ctx, func() error {
				_, err := t.api.NetworkRemove(ctx, one.ID, client.NetworkRemoveOptions{})
				return err
			}))
		}
	}
	return err
}

func (t *Trials) removeVolumes(ctx context.Context, of func(id string) bool) error {
	found, err := t.api.VolumeList(ctx, client.VolumeListOptions{Filters: ours()})
	if err != nil {
		return err
	}
	for _, one := range found.Items {
		if of(one.Labels[label]) {
			err = errors.Join(err, t.removeVolume(ctx, one.Name))
		}
	}
	return err
}

func (t *Trials) removeVolume(ctx context.Context, name string) error {
	return insist(ctx, func() error {
		_, err := t.api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
		return err
	})
}

// insist removes something until it is gone: an engine may still be busy with it, or with
// what uses it.
func insist(ctx context.Context, remove func() error) error {
	var err error
	for range removeTries {
		if err = remove(); err == nil || gone(err) {
			return nil
		}
		select {
		case <-time.After(removePause):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
	return err
}
