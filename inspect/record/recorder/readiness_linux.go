package recorder

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// readiness says when events wait in any of some groups. After each time it waits
// to be told for how long to be patient.
type readiness struct {
	events chan struct{}
	again  chan time.Duration

	epoll, stop int // file descriptors
	ended       chan struct{}
}

func newReadiness(groups ...int) (*readiness, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, err
	}
	r := &readiness{
		events: make(chan struct{}), again: make(chan time.Duration, 1),
		epoll: epoll, stop: stop, ended: make(chan struct{}),
	}
	for _, fd := range append(groups, stop) {
		r.add(fd)
	}
	go r.wait()
	return r, nil
}

// add can only fail for a descriptor that is none, or one that is in already.
func (r *readiness) add(fd int) {
	_ = unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func (r *readiness) remove(fd int) {
	_ = unix.EpollCtl(r.epoll, unix.EPOLL_CTL_DEL, fd, nil)
}

func (r *readiness) wait() {
	defer close(r.ended)
	found := make([]unix.EpollEvent, 16)
	for {
		n, err := unix.EpollWait(r.epoll, found, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return
		}
		for _, f := range found[:n] {
			if int(f.Fd) == r.stop {
				return
			}
		}
		r.events <- struct{}{}
		time.Sleep(<-r.again)
	}
}

// close ends the waiting. Nobody may be waiting for events any more.
func (r *readiness) close() {
	_, _ = unix.Write(r.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	select {
	case <-r.events:
		r.again <- 0
		<-r.ended
	case <-r.ended:
	}
	unix.Close(r.epoll)
	unix.Close(r.stop)
}
