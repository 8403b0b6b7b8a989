package trial

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"petrify/inspect/trial/inside"
)

// published are ports of this machine's loopback that lead to the copy of the service, so
// that a person can use it. They stay the same from run to run. The engine publishes
// nothing: the trial's network leads nowhere, but is reached from the engine's own host.
type published struct {
	listeners map[uint16]net.Listener // by the copy's port

	mu sync.Mutex
	to netip.Addr // the copy of the run under way
}

// lead opens the ports that a copy listens at, and says where they are.
func (p *published) lead(ctx context.Context, to netip.Addr, ports []inside.Port) (string, error) {
	p.mu.Lock()
	p.to = to
	p.mu.Unlock()
	var places []string
	for _, port := range ports {
		if at, err := netip.ParseAddr(port.Address); err == nil && at.IsLoopback() {
			continue // nobody else reaches it
		}
		at := p.listeners[port.Number]
		if at == nil {
			listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return "", fmt.Errorf("open a port for the copy: %w", err)
			}
			at, p.listeners[port.Number] = listener, listener
			go p.serve(context.WithoutCancel(ctx), listener, port.Number)
		}
		if place := fmt.Sprintf("%s (port %d)", at.Addr(), port.Number); !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	return strings.Join(places, ", "), nil
}

func (p *published) serve(ctx context.Context, listener net.Listener, port uint16) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return // it was closed
		}
		go p.relay(ctx, from, port)
	}
}

// relay passes on what both sides say until they have no more to say.
func (p *published) relay(ctx context.Context, from net.Conn, port uint16) {
	defer from.Close()
	p.mu.Lock()
	address := netip.AddrPortFrom(p.to, port)
	p.mu.Unlock()
	to, err := (&net.Dialer{}).DialContext(ctx, "tcp", address.String())
	if err != nil {
		return
	}
	defer to.Close()
	var both sync.WaitGroup
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		if half, ok := to.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	}
	both.Go(func() { pass(to, from) })
	both.Go(func() { pass(from, to) })
	both.Wait()
}

// close closes the ports. The copies are gone by then, and with them all that is relayed.
func (p *published) close() {
	for _, listener := range p.listeners {
		_ = listener.Close()
	}
}
