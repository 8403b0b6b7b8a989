package imageref

import (
	"strings"
	"testing"
)

func TestSpellOut(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("a1", 32)
	for ref, want := range map[string]string{
		"nginx":                                  "docker.io/library/nginx:latest",
		"nginx:1":                                "docker.io/library/nginx:1",
		"docker.io/library/nginx":                "docker.io/library/nginx:latest",
		"index.docker.io/library/nginx:1":        "docker.io/library/nginx:1",
		"me/app:1":                               "docker.io/me/app:1",
		"nginx:1" + digest:                       "docker.io/library/nginx" + digest,
		"registry:5000/app":                      "registry:5000/app:latest",
		"localhost/app":                          "localhost/app:latest",
		"ghcr.io/nginx":                          "ghcr.io/nginx:latest",
		"":                                       "",
		"No Reference":                           "No Reference",
		strings.TrimPrefix(digest, "@"):          "docker.io/library/sha256:" + strings.Repeat("a1", 32),
		strings.TrimPrefix(digest, "@sha256:"):   strings.TrimPrefix(digest, "@sha256:"),
		"docker.io/library/nginx:1\x1b[2Jdanger": "docker.io/library/nginx:1\x1b[2Jdanger",
	} {
		if got := SpellOut(ref); got != want {
			t.Errorf("SpellOut(%q) = %q, want %q", ref, got, want)
		}
	}
}
