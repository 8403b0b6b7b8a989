package model

import "strings"

// sameReference says whether two image references name the same image and tag:
// "nginx", "nginx:latest" and "docker.io/library/nginx:latest" do.
func sameReference(a, b string) bool {
	return a == b || a != "" && b != "" && normalReference(a) == normalReference(b)
}

// normalReference spells a reference out: registry, path, and tag or digest.
func normalReference(ref string) string {
	name, digest, _ := strings.Cut(ref, "@")
	tag := ""
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name, tag = name[:colon], name[colon+1:]
	}
	registry, rest, ok := strings.Cut(name, "/")
	if !ok || !strings.ContainsAny(registry, ".:") && registry != "localhost" {
		registry, rest = "docker.io", name
	}
	if registry == "index.docker.io" {
		registry = "docker.io"
	}
	if registry == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	switch {
	case digest != "":
		return registry + "/" + rest + "@" + digest // the digest decides, whatever tag stands before it
	case tag == "":
		tag = "latest"
	}
	return registry + "/" + rest + ":" + tag
}
