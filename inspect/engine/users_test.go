package engine

import (
	"fmt"
	"net/http"
	"testing"
)

func TestUser(t *testing.T) {
	asked := map[string]int{}
	e := standIn(t, answers{
		"/containers/x/archive": func(w http.ResponseWriter, r *http.Request) {
			path := r.URL.Query().Get("path")
			asked[path]++
			w.Header().Set("X-Docker-Container-Path-Stat", "e30=")
			switch path {
			case "/etc/passwd":
				w.Write([]byte(packed(t, "passwd -> /usr/lib/passwd")))
			case "/usr/lib/passwd":
				w.Write([]byte(packed(t, "passwd=root:x:0:0::/:\napp:x:1000:50::/:\n")))
			case "/etc/group":
				w.Write([]byte(packed(t, "group=web:x:33:\n")))
			}
		},
		"/containers/none/archive": text(404, `{"message":"Could not find the file in container none"}`),
		"/containers/gone/archive": text(404, `{"message":"No such container: gone"}`),
		"/containers/odd/archive":  text(501, `{"message":"not in this capture"}`),
	})
	for _, test := range []struct{ container, spec, want string }{
		{"x", "1000", "&{1000 50}"},
		{"x", "app", "&{1000 50}"},
		{"x", "app:web", "&{1000 33}"},
		{"x", "1000:7", "&{1000 7}"},
		{"x", "stranger", "<nil>"},
		{"none", "1000", "&{1000 0}"},
		{"none", "app", "<nil>"},
		{"odd", "1000", "<nil>"},
	} {
		for range 2 {
			got, err := e.User(t.Context(), test.container, test.spec)
			if err != nil || fmt.Sprint(got) != test.want {
				t.Errorf("%s in %s: %v, %v, want %s", test.spec, test.container, got, err, test.want)
			}
		}
	}
	if asked["/etc/passwd"] != 4 || asked["/etc/group"] != 1 {
		t.Errorf("asked %v: each user once", asked)
	}
	for range 2 {
		if got, err := e.Accounts(t.Context(), "x"); err != nil || fmt.Sprint(got) != "[{root 0 /} {app 1000 /}]" {
			t.Errorf("the users of x are %v, %v", got, err)
		}
		for _, container := range []string{"none", "odd"} {
			if got, err := e.Accounts(t.Context(), container); err != nil || len(got) != 0 {
				t.Errorf("the users of %s are %v, %v", container, got, err)
			}
		}
	}
	if asked["/etc/passwd"] != 5 {
		t.Errorf("asked %v: the list once", asked)
	}
	if _, err := e.Accounts(t.Context(), "gone"); err == nil {
		t.Error("a container that is gone has a list of users")
	}
	if _, err := e.User(t.Context(), "gone", "app"); err == nil {
		t.Error("a container that is gone has users")
	}
}
