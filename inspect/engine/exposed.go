package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Compose hands `expose: ["5001-5003"]` to the engine as it is, and Docker 20.10
// gives the range back as a port's name, which the client refuses to read: such
// a container could not be inspected at all. So where the client cannot make
// sense of an answer it is read once more, with ranges spelled out.

// inspect asks for a container as the client does, ranges of ports included.
func (e *Engine) inspect(ctx context.Context, id string) (container.InspectResponse, error) {
	found, err := e.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err == nil || !strings.Contains(err.Error(), "invalid port") {
		return found.Container, err
	}
	body, rawErr := e.raw(ctx, "/containers/"+url.PathEscape(id)+"/json")
	if rawErr != nil {
		return found.Container, err
	}
	var again container.InspectResponse
	if json.Unmarshal(spellOut(body), &again) != nil {
		return found.Container, err
	}
	return again, nil
}

// InspectRaw returns all that the engine tells of a container, in its own form.
func (e *Engine) InspectRaw(ctx context.Context, id string) (container.InspectResponse, error) {
	found, err := e.inspect(ctx, id)
	if err != nil {
		return found, e.failedAt(ctx, id, "inspect container", err)
	}
	return found, nil
}

// mostRaw bounds an answer that is read without the client, in bytes.
const mostRaw = 16 << 20

// raw asks over a connection of its own, since the client hands out no bodies.
func (e *Engine) raw(ctx context.Context, path string) ([]byte, error) {
	dial := e.api.Dialer()
	once := &http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DisableKeepAlives: true,
	}}
	// The dialer knows the engine's address, and speaks TLS where it has to.
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/v"+e.api.ClientVersion()+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := once.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the engine answers %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, mostRaw))
}

// spellOut replaces the ranges among a container's exposed ports. What it cannot
// make sense of it leaves as it is.
func spellOut(body []byte) []byte {
	var inspected, config map[string]json.RawMessage
	var ports map[string]struct{}
	if json.Unmarshal(body, &inspected) != nil ||
		json.Unmarshal(inspected["Config"], &config) != nil ||
		json.Unmarshal(config["ExposedPorts"], &ports) != nil {
		return body
	}
	spelled := map[string]struct{}{}
	for port := range ports {
		numbers, protocol, _ := strings.Cut(port, "/")
		for _, n := range spread(numbers) {
			if protocol != "" {
				n += "/" + protocol
			}
			spelled[n] = struct{}{}
		}
	}
	for _, level := range []struct {
		in    map[string]json.RawMessage
		field string
		value any
	}{{config, "ExposedPorts", spelled}, {inspected, "Config", config}} {
		encoded, err := json.Marshal(level.value)
		if err != nil {
			return body
		}
		level.in[level.field] = encoded
	}
	if again, err := json.Marshal(inspected); err == nil {
		return again
	}
	return body
}

// spread gives the ports of a range such as 5001-5003; anything else as it is.
func spread(numbers string) []string {
	first, last, isRange := strings.Cut(numbers, "-")
	from, err1 := strconv.ParseUint(first, 10, 16)
	until, err2 := strconv.ParseUint(last, 10, 16)
	if !isRange || err1 != nil || err2 != nil || until < from {
		return []string{numbers}
	}
	ports := make([]string, 0, until-from+1)
	for n := from; n <= until; n++ {
		ports = append(ports, strconv.FormatUint(n, 10))
	}
	return ports
}
