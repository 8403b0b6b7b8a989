package trial

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"petrify/inspect/trial/inside"
)

// A port leads to the copy of the run under way, stays the same, and goes with the trial.
func TestPublishedPorts(t *testing.T) {
	serve := func(text string) netip.AddrPort {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
		t.Cleanup(server.Close)
		return netip.MustParseAddrPort(server.Listener.Addr().String())
	}
	first := serve("hello")
	p := published{listeners: map[uint16]net.Listener{}}
	ports := []inside.Port{{Number: first.Port()}, {Address: "127.0.0.1", Number: 1}, {Address: "::", Number: first.Port()}}
	said, err := p.lead(t.Context(), first.Addr(), ports)
	if err != nil {
		t.Fatal(err)
	}
	at, _, _ := strings.Cut(said, " ")
	ask := func() (string, error) {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at, http.NoBody)
		if err != nil {
			return "", err
		}
		got, err := client.Do(request)
		if err != nil {
			return "", err
		}
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		return string(text), err
	}
	if text, err := ask(); err != nil || text != "hello" || strings.Count(said, "port") != 1 {
		t.Errorf("%q leads to %q, %v", said, text, err)
	}
	// The next run has another copy, here one that is not there.
	again, err := p.lead(t.Context(), netip.MustParseAddr("127.0.0.99"), ports)
	if err != nil || again != said {
		t.Errorf("in the next run it is %q, %v", again, err)
	}
	p.close()
	if text, err := ask(); err == nil {
		t.Errorf("after the trial it leads to %q", text)
	}
}
