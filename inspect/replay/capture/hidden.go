package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
)

// hidden rewrites answers before they are kept:
//   - what is not of the project is left out;
//   - the project's directory gets a neutral name, for it tells whose machine it was;
//   - what an engine says of its machine is cut down to what a reader may want;
//   - changes come in order, so that the same ones are the same answer.
type hidden struct {
	project  string
	dir, new string
}

func (h *hidden) rewrite(path string, body []byte) []byte {
	switch {
	case path == "/containers/json":
		body = edit(body, func(list *[]json.RawMessage) {
			*list = slices.DeleteFunc(*list, func(item json.RawMessage) bool {
				var c container.Summary
				return json.Unmarshal(item, &c) != nil || c.Labels[projectLabel] != h.project
			})
		})
	case path == "/info":
		body = edit(body, func(info *map[string]json.RawMessage) {
			for name := range *info {
				if !slices.Contains(told, name) {
					delete(*info, name)
				}
			}
		})
	case strings.HasSuffix(path, "/changes"):
		body = edit(body, func(changes *[]container.FilesystemChange) {
			slices.SortFunc(*changes, func(a, b container.FilesystemChange) int { return strings.Compare(a.Path, b.Path) })
		})
	}
	if h.dir == "" || strings.HasSuffix(path, "/archive") || path == "/images/get" {
		return body // in an archive a name cannot change its length
	}
	return bytes.ReplaceAll(body, []byte(h.dir), []byte(h.new))
}

// told is what is kept of an engine's words about itself.
var told = []string{
	"Architecture", "CgroupDriver", "CgroupVersion", "DockerRootDir", "Driver", "KernelVersion", "LoggingDriver",
	"MemTotal", "NCPU", "OSType", "OSVersion", "OperatingSystem", "SecurityOptions", "ServerVersion",
}

// edit changes a JSON answer. One that is none, such as a part of one, stays.
func edit[T any](body []byte, change func(*T)) []byte {
	var value T
	if json.Unmarshal(body, &value) != nil {
		return body
	}
	change(&value)
	edited, err := json.Marshal(value)
	if err != nil {
		return body
	}
	return append(edited, '\n')
}
