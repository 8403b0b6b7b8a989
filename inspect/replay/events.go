package replay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/moby/moby/api/types/events"
)

// events streams what happens from the present moment on. It takes since for now:
// clients send it to miss nothing while they connect, as their own clock has it,
// which is not the capture's.
func (t *transport) events(req *http.Request, query url.Values) (*http.Response, error) {
	if query.Has("until") {
		return refuse(req, http.StatusBadRequest, "a capture plays events from now on, without until")
	}
	filters, err := parseFilters(query.Get("filters"))
	if err != nil {
		return refuse(req, http.StatusBadRequest, "%v", err)
	}
	var chunks []chunk
	now := t.elapsed()
	for _, e := range t.capture.events {
		if e.at < now || t.capture.still != nil {
			continue
		}
		var m events.Message
		if json.Unmarshal(e.raw, &m) != nil || !filters.match(m) {
			continue
		}
		chunks = append(chunks, chunk{at: e.at, data: append(e.raw[:len(e.raw):len(e.raw)], '\n')})
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return respond(req, http.StatusOK, header, -1, newStream(req.Context(), t.elapsed, chunks, false)), nil
}

// filters are the engine's own: all terms must hold, each for one of its values.
type filters map[string]map[string]bool

func parseFilters(text string) (filters, error) {
	if text == "" {
		return nil, nil
	}
	var f filters
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, fmt.Errorf("invalid filters: %w", err)
	}
	for term := range f {
		switch term {
		case "type", "event", "label", "container":
		default:
			return nil, fmt.Errorf("a capture cannot filter events by %s", term)
		}
	}
	return f, nil
}

func (f filters) match(m events.Message) bool {
	for term, values := range f {
		holds := false
		for value := range values {
			holds = holds || matches(term, value, m)
		}
		if !holds {
			return false
		}
	}
	return true
}

func matches(term, value string, m events.Message) bool {
	switch term {
	case "type":
		return value == string(m.Type)
	case "event":
		// Actions such as "health_status: healthy" are found by what is before the
		// colon as well; engines do so since moby#25798.
		action, _, _ := strings.Cut(string(m.Action), ":")
		return value == string(m.Action) || value == action
	case "label":
		name, want, valued := strings.Cut(value, "=")
		has, ok := m.Actor.Attributes[name]
		return ok && (!valued || has == want)
	default: // container
		return m.Type == events.ContainerEventType &&
			(strings.HasPrefix(m.Actor.ID, value) || m.Actor.Attributes["name"] == value)
	}
}
