package pane

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
)

// infoCache keeps what archive headers said of paths. They are asked for lazily, one
// request at a time: the engine locks a container while it reads a file of it.
type infoCache struct {
	known      map[string]knownInfo
	asking     bool
	generation int
}

type knownInfo struct {
	model.FileInfo
	asOf time.Time
}

const (
	infoStays    = 15 * time.Second // that what is known of a path is good enough
	infosWait    = 15 * time.Second // for an answer
	infosKept    = 10_000           // paths, before all are forgotten
	infosAtATime = 64               // paths of one container in a request
)

type infosMsg struct {
	generation int
	infos      map[string]knownInfo
}

func (c *infoCache) wants(path string, taken time.Time) bool {
	k, known := c.known[path]
	return !known || taken.Sub(k.asOf) >= infoStays
}

// forget drops everything: other containers have other files at the same paths.
// What is still being asked comes too late.
func (c *infoCache) forget() { *c = infoCache{generation: c.generation + 1} }

// bound drops everything when it has become much; what is on screen is asked again.
func (c *infoCache) bound() {
	if len(c.known) > infosKept {
		c.known = nil
	}
}

func (c *infoCache) ask(files Files, wanted map[string][]string, asOf time.Time) tea.Cmd {
	if c.asking || len(wanted) == 0 {
		return nil
	}
	c.asking = true
	c.generation++
	generation := c.generation
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), infosWait)
		defer cancel()
		infos := map[string]knownInfo{}
		for container, paths := range wanted {
			paths = paths[:min(len(paths), infosAtATime)]
			answers, err := files.Stat(ctx, container, paths)
			for i, path := range paths {
				switch {
				case err != nil:
					infos[path] = knownInfo{model.FileInfo{Path: path, Err: err.Error()}, asOf}
				case i < len(answers):
					infos[path] = knownInfo{answers[i], asOf}
				}
			}
		}
		return infosMsg{generation, infos}
	}
}

func (c *infoCache) take(msg infosMsg) {
	if msg.generation != c.generation {
		return
	}
	c.asking = false
	if c.known == nil {
		c.known = map[string]knownInfo{}
	}
	for path, info := range msg.infos {
		c.known[path] = info
	}
}
