// Package encode holds what the JSON forms of petrify have in common.
package encode

import "petrify/model"

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
