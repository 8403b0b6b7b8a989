package compose_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"petrify/inspect/compose"
)

// TestExplain breaks projects in the ways people do. Each is a compose.yaml,
// maybe with more files behind it; what is wanted is FILE:LINE: TEXT.
func TestExplain(t *testing.T) {
	const more = "\n-- more.yaml --\n"
	for _, c := range []struct{ name, files, want string }{
		{
			"wrong indentation", "services:\n  web:\n    image: a\n   user: b\n",
			`compose.yaml:4: while parsing a block mapping: did not find expected key`,
		},
		{
			"tab", "services:\n\tweb:\n\t\timage: a\n",
			`compose.yaml:2: found character that cannot start any token`,
		},
		{
			"open quote", "services:\n  web:\n    image: \"a\n    user: b\n",
			`compose.yaml:3: while scanning a quoted scalar: found unexpected end of stream`,
		},
		{
			"open bracket", "services:\n  web:\n    ports: [a\n",
			`compose.yaml:3: while parsing a flow sequence: did not find expected ',' or ']'`,
		},
		{
			"unknown anchor", "services:\n  web:\n    image: *a\n",
			`compose.yaml:3: unknown anchor 'a' referenced`,
		},
		{
			"not UTF-8", "services:\n  web:\n    image: \"a\xff\"\n",
			`compose.yaml:3: invalid leading UTF-8 octet`,
		},
		{
			"merge of a list", "services:\n  web:\n    <<: [1]\n    image: a\n",
			`compose.yaml:3: map merge requires map or sequence of maps as the value`,
		},
		{
			"duplicate key", "services:\n  web:\n    image: a\n    user: b\n    image: c\n",
			`compose.yaml:5: key "image" is there already, in line 3`,
		},
		{
			"duplicate service", "services:\n  web: {image: a}\n  db: {image: b}\n  web: {image: c}\n",
			`compose.yaml:4: key "web" is there already, in line 2`,
		},
		{
			"unknown key", "services:\n  web:\n    image: a\n    imgae: b\n",
			`compose.yaml:4: services.web: unknown key "imgae"`,
		},
		{
			"unknown key of a dotted service", "services:\n  my.web:\n    image: a\n    imgae: b\n",
			`compose.yaml:4: services.my.web: unknown key "imgae"`,
		},
		{
			"unknown key in a second document", "services:\n  web: {image: a}\n---\nservices:\n  web:\n    usr: b\n",
			`compose.yaml:6: services.web: unknown key "usr"`,
		},
		{
			"unknown top-level key", "x-a: 1\nservice:\n  web: {image: a}\n",
			`compose.yaml:2: unknown key "service"`,
		},
		{
			"service name", "services:\n  we b: {image: a}\n",
			`compose.yaml:2: "we b" cannot be the name of a service`,
		},
		{
			"list expected", "services:\n  web:\n    image: a\n    ports: b\n",
			`compose.yaml:4: services.web.ports must be a list`,
		},
		{
			"mapping expected", "services:\n  web: a\n",
			`compose.yaml:2: services.web must be a mapping`,
		},
		{
			"services as a list", "services:\n  - web\n",
			`compose.yaml:1: services must be a mapping`,
		},
		{
			"one of", "services:\n  web:\n    image: a\n    volumes:\n      - /a\n      - {type: b, target: /b}\n",
			`compose.yaml:6: services.web.volumes.1.type must be one of 'bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'`,
		},
		{
			"boolean", "services:\n  web:\n    image: a\n    read_only: maybe\n",
			`compose.yaml:4: services.web.read_only: invalid boolean: maybe`,
		},
		{
			"duration", "services:\n  web:\n    image: a\n    stop_grace_period: long\n",
			`compose.yaml:4: services[web].stop_grace_period: time: invalid duration "long"`,
		},
		{
			"port", "services:\n  web:\n    image: a\n    ports:\n      - 80\n      - 99999:80\n",
			`compose.yaml:6: invalid hostPort: 99999`,
		},
		{
			"number as a key", "services:\n  1: {image: a}\n",
			`compose.yaml:2: services: the key 1 is no text`,
		},
		{
			"negative scale", "services:\n  web:\n    image: a\n    deploy:\n      replicas: -1\n",
			`compose.yaml:5: services.web.deploy.replicas: must be greater than or equal to 0`,
		},
		{
			"missing variable", "services:\n  web:\n    image: a:${TAG:?say which}\n",
			`compose.yaml:3: required variable TAG is missing a value: say which`,
		},
		{
			"bad variables", "services:\n  web:\n    image: a:${TAG\n    command: ${}\n",
			`compose.yaml:4: services.web.command: "${}" is no valid use of a variable`,
		},
		{
			"no image", "services:\n  db: {image: a}\n  web:\n    user: a\n",
			`compose.yaml:3: service "web" has neither an image nor a build`,
		},
		{
			"undeclared volume", "services:\n  web:\n    image: a\n    volumes:\n      - ./a:/a\n      - data:/b\n",
			`compose.yaml:6: service "web" uses the volume "data", which is not declared`,
		},
		{
			"undeclared volume of a merge", "x-a: &a\n  volumes: [data:/a]\nservices:\n  web:\n    <<: *a\n    image: a\n",
			`compose.yaml:2: service "web" uses the volume "data", which is not declared`,
		},
		{
			"undeclared network", "services:\n  web:\n    image: a\n    networks: [back]\n",
			`compose.yaml:4: service "web" uses the network "back", which is not declared`,
		},
		{
			"undeclared secret", "services:\n  web:\n    image: a\n    secrets:\n      - source: token\n",
			`compose.yaml:5: service "web" uses the secret "token", which is not declared`,
		},
		{
			"undeclared dependency", "services:\n  web:\n    image: a\n    depends_on:\n      db: {condition: service_healthy}\n",
			`compose.yaml:5: service "web" depends on "db", which is not declared or not active`,
		},
		{
			"dependency on an inactive service", "services:\n  web:\n    image: a\n    depends_on: [db]\n  db: {image: a, profiles: [b]}\n",
			`compose.yaml:4: service "web" depends on "db", which is not declared or not active`,
		},
		{
			"circle", "services:\n  a:\n    image: a\n    depends_on: [b]\n  b:\n    image: a\n    depends_on: [a]\n",
			`compose.yaml:4: services depend on each other in a circle: a -> b -> a`,
		},
		{
			"two mounts at one target", "services:\n  web:\n    image: a\n    tmpfs: [/a]\n    volumes:\n      - /b\n      - /a\n",
			`compose.yaml:7: service "web" mounts two things at /a`,
		},
		{
			"mount without target", "services:\n  web:\n    image: a\n    volumes:\n      - type: bind\n        source: .\n",
			`compose.yaml:5: services.web.volumes.[0] has no target`,
		},
		{
			"missing include", "services:\n  web: {image: a}\ninclude:\n  - sub/gone.yaml\n",
			`compose.yaml:4: DIR/sub/gone.yaml does not exist`,
		},
		{
			"circle of includes", "services: {}\ninclude: [compose.yaml]\n",
			`compose.yaml:2: files include each other in a circle: DIR/compose.yaml is read already`,
		},
		{
			"broken include", "include: [more.yaml]" + more + "services:\n  db:\n    imagee: a\n",
			`more.yaml:3: services.db: unknown key "imagee"`,
		},
		{
			"undeclared volume of an include", "include: [more.yaml]" + more + "services:\n  db:\n    image: a\n    volumes: [data:/a]\n",
			`more.yaml:4: service "db" uses the volume "data", which is not declared`,
		},
		{
			"remote include", "include:\n  - oci://example.org/a\n",
			`compose.yaml:2: oci://example.org/a is not on this machine, and remote Compose files are not fetched`,
		},
		{
			"missing extends", "services:\n  web:\n    extends:\n      file: gone.yaml\n      service: a\n",
			`compose.yaml:4: DIR/gone.yaml does not exist`,
		},
		{
			"extends of an unknown service", "services:\n  web:\n    extends:\n      service: a\n",
			`compose.yaml:4: service "web" extends "a", which is not there`,
		},
		{
			"extends of an unknown service elsewhere", "services:\n  web:\n    extends:\n      file: more.yaml\n      service: a" + more + "services:\n  b: {image: a}\n",
			`compose.yaml:5: service "web" extends "a", which is not there`,
		},
		{
			"extends itself", "services:\n  web:\n    extends: web\n",
			`compose.yaml:3: service "web" extends itself in the end`,
		},
		{
			"missing env_file", "services:\n  web:\n    image: a\n    env_file:\n      - gone.env\n",
			`compose.yaml:5: DIR/gone.env does not exist`,
		},
		{
			"broken env_file", "services:\n  web:\n    image: a\n    env_file: bad.env\n-- bad.env --\nA=1\nB C=2\n",
			`bad.env:2: key cannot contain a space`,
		},
		{
			"broken .env", "services:\n  web: {image: a}\n-- .env --\nA=1\nB C=1\n",
			`.env:2: key cannot contain a space`,
		},
		{"empty file", "", `compose.yaml:0: this Compose file is empty`},
		{"only a comment", "# nothing\n", `compose.yaml:0: this Compose file is empty`},
		{"no mapping", "hello\n", `compose.yaml:0: this is no Compose file: it has no keys at its top level`},
		{"no service", "services: {}\n", `compose.yaml:0: this project declares no service`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			archive := txtar.Parse([]byte("-- compose.yaml --\n" + c.files))
			for _, f := range archive.Files {
				if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := compose.Load(t.Context(), compose.Options{Dir: dir, Environ: []string{}})
			if err == nil {
				t.Fatal("it loads")
			}
			p := compose.Explain(err)
			if p.Advice == "" {
				t.Error("there is no advice")
			}
			got := fmt.Sprintf("%s:%d: %s", strings.TrimPrefix(p.File, dir+"/"), p.Line, strings.ReplaceAll(p.Text, dir, "DIR"))
			if got != c.want {
				t.Errorf("got  %s\nwant %s\nfrom %v", got, c.want, errors.Unwrap(err))
			}
		})
	}
}

func TestExplainWithoutAFile(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		o    compose.Options
		is   error
		want string
	}{
		{"no file", compose.Options{}, nil, "no Compose file found in DIR or a folder above"},
		{"gone", compose.Options{Files: []string{"a.yaml"}}, fs.ErrNotExist, "DIR/a.yaml does not exist"},
		{"gone by variable", compose.Options{Environ: []string{"COMPOSE_FILE=a.yaml"}}, fs.ErrNotExist, "DIR/a.yaml does not exist, but COMPOSE_FILE names it"},
		{"folder", compose.Options{Files: []string{"."}}, nil, "DIR is a directory"},
		{"remote", compose.Options{Files: []string{"https://example.org/a.git"}}, nil, "https://example.org/a.git is not on this machine, and remote Compose files are not fetched"},
		{"env file gone", compose.Options{EnvFiles: []string{"a.env"}}, nil, "env file DIR/a.env does not exist"},
		{"nothing on standard input", compose.Options{Files: []string{"-"}}, nil, "nothing to read on standard input"},
		{"bad name", compose.Options{ProjectName: "A b", Files: []string{"-"}, Stdin: one}, nil, `invalid project name "A b"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Dir = dir
			if c.o.Environ == nil {
				c.o.Environ = []string{}
			}
			_, err := compose.Load(t.Context(), c.o)
			if err == nil {
				t.Fatal("it loads")
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
			p := compose.Explain(err)
			if got := strings.ReplaceAll(p.Text, dir, "DIR"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if p.Advice == "" {
				t.Error("there is no advice")
			}
		})
	}
}

func one() ([]byte, error) { return []byte("services: {web: {image: a}}"), nil }

func TestExplainPermission(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	path := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(path, nil, 0); err != nil {
		t.Fatal(err)
	}
	_, err := compose.Load(t.Context(), compose.Options{Files: []string{path}})
	if p := compose.Explain(err); p.Text != path+" may not be read: permission denied" {
		t.Error(p.Text)
	}
}
