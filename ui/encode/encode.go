// Package encode holds what the JSON forms of petrify have in common.
package encode

import (
	"bytes"
	"encoding/json"
	"io"

	"petrify/model"
	"petrify/ui/clean"
)

// JSON writes a document. Its values stay what they are; only how they are written becomes
// safe for a terminal.
func JSON(w io.Writer, document any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return err
	}
	_, err := w.Write(clean.JSON(b.Bytes()))
	return err
}

// List makes an empty list of none, for JSON knows the two apart and readers
// should not have to.
func List[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// Each converts every item; its result is never nil.
func Each[From, To any](items []From, to func(From) To) []To {
	converted := make([]To, len(items))
	for i, item := range items {
		converted[i] = to(item)
	}
	return converted
}

// Kind names what happened to a path.
func Kind(k model.ChangeKind) string {
	switch k {
	case model.Added:
		return "added"
	case model.Deleted:
		return "deleted"
	default:
		return "modified"
	}
}
