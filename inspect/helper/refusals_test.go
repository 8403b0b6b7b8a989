//go:build linux && (amd64 || arm64)

package helper

import (
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/refusals"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// What the helper's container may do is enough to see refused calls in another one.
func TestHelperSeesWhatIsRefused(t *testing.T) {
	h, api := ownPetrify(t)
	if err := refusals.Possible(); err != nil {
		t.Skipf("the kernel does not let anybody see refused calls: %v", err)
	}
	id := enginetest.Start(t, enginetest.Container{
		Name: "refusals", Script: []string{"hold"}, Host: container.HostConfig{ReadonlyRootfs: true},
	})
	found, err := api.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	talk, err := h.Start(t.Context(), recorder)
	if err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(20*time.Second, func() { talk.In.Close() }).Stop()
	to := wire.NewEncoder(talk.In)
	for _, c := range []wire.Command{
		{Hello: &wire.Hello{Version: wire.Version}}, {Follow: &wire.Follow{Container: id, PID: found.Container.State.Pid}},
	} {
		if err := to.Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	var refused *wire.Refused
	done := false
	processes := map[int]string{}
	by := ""
	if err := wire.Decode(talk.Out, func(r wire.Report) error {
		switch {
		case r.Process != nil:
			processes[r.Process.ID] = string(r.Process.Command)
		case r.Joined != nil && r.Joined.Refusals && !done:
			done = true
			inside(t, api, id, "cd /srv/tree", `try "mkdir deep/made"`)
			talk.In.Close()
		case r.Joined != nil && len(r.Joined.Blind) > 0:
			t.Errorf("not seen: %s", r.Joined.Blind[0].Detail)
		case r.Seen != nil:
			for _, w := range r.Seen.Writes {
				if string(w.Path) == "/srv/tree/deep/made" {
					refused, by = w.Refused, processes[w.Process]
				}
			}
		}
		return nil
	}, nil); err != nil {
		t.Fatal(err)
	}
	if refused == nil || refused.Err != model.ReadOnlyError || refused.Acts != model.Made || by != "program" {
		t.Errorf("%+v by %q", refused, by)
	}
	if err := talk.Wait(); err != nil {
		t.Error(err)
	}
}
