package model

import "testing"

func TestMadeFrom(t *testing.T) {
	for name, test := range map[string]struct {
		declared  Declared
		container Container
		want      bool
	}{
		"as written":                  {Declared{Image: "nginx"}, Container{Image: "nginx"}, true},
		"another tag":                 {Declared{Image: "nginx:1"}, Container{Image: "nginx:2"}, false},
		"another spelling":            {Declared{Image: "nginx", Reference: "docker.io/library/nginx:latest"}, Container{Image: "nginx:latest", Reference: "docker.io/library/nginx:latest"}, true},
		"built by Podman":             {Declared{Build: true, Reference: "docker.io/library/p-web:latest"}, Container{Reference: "localhost/p-web:latest"}, true},
		"built with a path by Podman": {Declared{Build: true, Reference: "docker.io/me/web:1"}, Container{Reference: "localhost/me/web:1"}, true},
		"loaded into Podman":          {Declared{Image: "app", Reference: "docker.io/library/app:latest"}, Container{Reference: "localhost/app:latest"}, true},
		"another one in Podman":       {Declared{Image: "app", Reference: "docker.io/library/app:latest"}, Container{Reference: "localhost/app:2"}, false},
		"of a registry":               {Declared{Image: "docker.io/library/app", Reference: "docker.io/library/app:latest"}, Container{Reference: "localhost/app:latest"}, false},
		"not built":                   {Declared{Reference: "docker.io/library/app:latest"}, Container{Reference: "localhost/app:latest"}, false},
	} {
		if got := test.container.MadeFrom(&test.declared); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
