package inside

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// Entered answers requests about the ports of a network, on the engine's own host.
type Entered struct {
	mu      sync.Mutex // held while the network is entered or let go of
	network *os.File
}

// Enter enters the network of a process. It needs root.
func Enter(pid int) (*Entered, error) {
	network, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, fmt.Errorf("enter the network of a copy: %w", err)
	}
	return &Entered{network: network}, nil
}

// Do answers one request.
func (e *Entered) Do(r Request) (Answer, error) {
	type answered struct {
		answer Answer
		err    error
	}
	got := make(chan answered, 1)
	go func() {
		// The thread stays in that network, and ends with this goroutine.
		runtime.LockOSThread()
		if err := e.enter(); err != nil {
			got <- answered{err: fmt.Errorf("enter the network of a copy: %w", err)}
			return
		}
		answer, err := r.answer(context.Background())
		got <- answered{answer, err}
	}()
	a := <-got
	return a.answer, a.err
}

// enter takes this thread into the network.
func (e *Entered) enter() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return unix.Setns(int(e.network.Fd()), unix.CLONE_NEWNET)
}

// Close lets go of the network, also while a request that nobody waits for goes on.
func (e *Entered) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.network.Close()
}
