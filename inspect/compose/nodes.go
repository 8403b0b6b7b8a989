package compose

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// merges bounds how many merge keys are followed to find a key: they may be
// chained, and a hostile file may chain them in a circle.
const merges = 8

// root returns what a document holds.
func root(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		return n.Content[0]
	}
	return n
}

// entry returns the key and the value below a node: of a mapping by its key, of
// a list by its number.
func entry(n *yaml.Node, key string, budget int) (at, value *yaml.Node) {
	if n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || budget == 0 {
		return nil, nil
	}
	switch n.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i]
		}
	case yaml.MappingNode:
		var merged *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch n.Content[i].Value {
			case key:
				return n.Content[i], n.Content[i+1]
			case "<<":
				merged = n.Content[i+1]
			}
		}
		return entry(merged, key, budget-1)
	}
	return nil, nil
}

// version returns what the first file states as `version`, which compose-go drops.
func (s *sources) version() string {
	if len(s.files) == 0 {
		return ""
	}
	var document yaml.Node
	if err := yaml.Unmarshal(s.files[0].Content, &document); err != nil {
		return ""
	}
	if v := child(root(&document), "version"); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

// child returns the value of a key; nil without it.
func child(n *yaml.Node, key string) *yaml.Node {
	_, value := entry(n, key, merges)
	return value
}

// values returns the entries of a list, or the values of a mapping.
func values(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.MappingNode:
		var list []*yaml.Node
		for i := 1; i < len(n.Content); i += 2 {
			list = append(list, n.Content[i])
		}
		return list
	}
	return nil
}

// lineOf returns the line of a key below a node, or of what is near below that;
// 0 without the key. A key may have dots of its own.
func lineOf(n *yaml.Node, keys []string, near string) int {
	if len(keys) == 0 {
		return nearest(n, near)
	}
	for i := len(keys); i > 0; i-- {
		at, value := entry(n, strings.Join(keys[:i], "."), merges)
		if at == nil {
			continue
		}
		if i < len(keys) || near != "" {
			if line := lineOf(value, keys[i:], near); line > 0 {
				return line
			}
			if i < len(keys) {
				continue
			}
		}
		return at.Line
	}
	return 0
}

// nearest returns the line of the key or value below a node that is near, or
// else begins with it, or else contains it.
func nearest(n *yaml.Node, near string) int {
	if near == "" {
		return 0
	}
	for _, fits := range []func(string) bool{
		func(s string) bool { return s == near },
		func(s string) bool { return strings.HasPrefix(s, near+":") },
		func(s string) bool { return strings.Contains(s, near) },
	} {
		if line := scalar(n, fits); line > 0 {
			return line
		}
	}
	return 0
}

// scalar returns the line of the first key or value that fits; 0 without one.
func scalar(n *yaml.Node, fits func(string) bool) int {
	if n == nil {
		return 0
	}
	if n.Kind == yaml.ScalarNode && fits(n.Value) {
		return n.Line
	}
	for _, c := range n.Content {
		if line := scalar(c, fits); line > 0 {
			return line
		}
	}
	return 0
}
