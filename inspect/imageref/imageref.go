// Package imageref spells references to images out, so that they can be compared.
package imageref

import "github.com/distribution/reference"

// SpellOut returns a reference with its registry, its path, and its tag or digest:
// "nginx" is "docker.io/library/nginx:latest". A digest decides, whatever tag stands
// before it. What is no reference is returned as it is.
func SpellOut(ref string) string {
	named, err := reference.ParseDockerRef(ref)
	if err != nil {
		return ref
	}
	return named.String()
}

// SpellOutAll spells out every one of some references.
func SpellOutAll(refs []string) []string {
	if refs == nil {
		return nil
	}
	all := make([]string, len(refs))
	for i, ref := range refs {
		all[i] = SpellOut(ref)
	}
	return all
}
