//go:build !linux || !(amd64 || arm64)

package refusals

import "errors"

var errElsewhere = errors.New("refused writes are seen on Linux only, on amd64 and arm64")

type watcher struct{}

func possible() error { return errElsewhere }

func start(func(Refusal), uint32, int) (*Watcher, error) { return nil, errElsewhere }

func (w *watcher) follow(uint64, Options) error { return errElsewhere }
func (w *watcher) hold(Options) error           { return errElsewhere }
func (w *watcher) forget(uint64)                {}
func (w *watcher) release()                     {}
func (w *watcher) flush()                       {}
func (w *watcher) lost() uint64                 { return 0 }
func (w *watcher) unseen() uint64               { return 0 }
func (w *watcher) close()                       {}
