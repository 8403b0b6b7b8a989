package enginetest_test

import (
	"testing"

	"petrify/inspect/engine/enginetest"

	"github.com/moby/moby/client"
)

// The tests of other packages stand on this: what a script did is there once
// Run returns.
func TestRunReturnsWhenTheScriptHolds(t *testing.T) {
	api := enginetest.Require(t)
	id := enginetest.Run(t, "sleep 50ms", `write "/a b" x`, "hold")
	if _, err := api.ContainerStatPath(t.Context(), id, client.ContainerStatPathOptions{Path: "/a b"}); err != nil {
		t.Error(err)
	}
}

func TestRunReturnsWhenTheScriptEnds(t *testing.T) {
	api := enginetest.Require(t)
	id := enginetest.Run(t, "exit 3")
	found, err := api.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := found.Container.State.ExitCode; got != 3 {
		t.Errorf("exit code %d, want 3", got)
	}
}
