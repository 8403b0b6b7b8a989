package main

import "testing"

func TestHiddenLeavesOutWhatIsNotTheProjects(t *testing.T) {
	h := &hidden{project: "shop", dir: "/home/me/shop", new: "/srv/shop"}
	for name, test := range map[string]struct{ path, body, want string }{
		"a list": {
			"/containers/json",
			`[{"Id":"a","Labels":{"com.docker.compose.project":"shop","x":"/home/me/shop/compose.yaml"}},{"Id":"b","Labels":{"com.docker.compose.project":"other"}},{"Id":"c"}]`,
			`[{"Id":"a","Labels":{"com.docker.compose.project":"shop","x":"/srv/shop/compose.yaml"}}]` + "\n",
		},
		"the machine":  {"/info", `{"Driver":"overlay2","Name":"my-laptop","HttpProxy":"http://proxy"}`, `{"Driver":"overlay2"}` + "\n"},
		"changes":      {"/containers/a/changes", `[{"Kind":1,"Path":"/b"},{"Kind":0,"Path":"/a"}]`, `[{"Kind":0,"Path":"/a"},{"Kind":1,"Path":"/b"}]` + "\n"},
		"no changes":   {"/containers/a/changes", "null\n", "null\n"},
		"an error":     {"/containers/a/changes", `{"message":"gone"}`, `{"message":"gone"}`},
		"an archive":   {"/containers/a/archive", "/home/me/shop", "/home/me/shop"},
		"an inspect":   {"/containers/a/json", `{"Source":"/home/me/shop/html"}`, `{"Source":"/srv/shop/html"}`},
		"a line":       {"/containers/a/logs", "reading /home/me/shop\n", "reading /srv/shop\n"},
		"other things": {"/version", `{"Version":"20.10.24"}`, `{"Version":"20.10.24"}`},
	} {
		body := []byte(test.body)
		if got := string(h.rewrite(test.path, body)); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
		if string(body) != test.body {
			t.Errorf("%s: what the client reads was changed", name)
		}
	}
}
