package compose_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"petrify/inspect/compose"
	"petrify/model"
)

// madeByUp are the cases whose mounts come into being only with `up`.
var madeByUp = []string{"borrowed"}

// TestAgreesWithCompose holds the projects in testdata against what `docker
// compose config` makes of them. PETRIFY_COMPOSE names the binary.
func TestAgreesWithCompose(t *testing.T) {
	binary := os.Getenv("PETRIFY_COMPOSE")
	if binary == "" {
		t.Skip("PETRIFY_COMPOSE names no docker-compose binary")
	}
	cases, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range cases {
		title := strings.TrimSuffix(filepath.Base(name), ".txtar")
		if slices.Contains(madeByUp, title) {
			continue
		}
		t.Run(title, func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := unpack(t, archive)
			t.Setenv("HOME", filepath.Join(dir, "home"))
			o := options(t, archive, dir)
			theirs, theirErr := config(t, binary, o)
			ours, ourErr := compose.Load(t.Context(), o)
			if (theirErr == nil) != (ourErr == nil) {
				t.Fatalf("docker compose says %v, we say %v", theirErr, ourErr)
			}
			if ourErr != nil {
				return
			}
			if got, want := comparable(ours), theirs.String(); got != want {
				t.Errorf("we have\n%s\ndocker compose has\n%s", got, want)
			}
		})
	}
}

// configured is what `docker compose config --format json` prints, as far as it
// can be compared.
type configured struct {
	Name     string
	Services map[string]struct {
		Image       string
		Command     []string
		Entrypoint  []string
		User        string
		WorkingDir  string `json:"working_dir"`
		ReadOnly    bool   `json:"read_only"`
		Environment map[string]*string
		DependsOn   map[string]any `json:"depends_on"`
		Tmpfs       []string
		Volumes     []struct {
			Type, Source, Target string
			ReadOnly             bool `json:"read_only"`
		}
		Ports []struct {
			HostIP    string `json:"host_ip"`
			Target    int
			Published string
			Protocol  string
		}
	}
	Volumes map[string]struct{ Name string }
}

func config(t *testing.T, binary string, o compose.Options) (*configured, error) {
	t.Helper()
	var args []string
	for _, f := range o.Files {
		args = append(args, "-f", f)
	}
	for _, p := range o.Profiles {
		args = append(args, "--profile", p)
	}
	for _, f := range o.EnvFiles {
		args = append(args, "--env-file", f)
	}
	if o.ProjectName != "" {
		args = append(args, "-p", o.ProjectName)
	}
	if o.ProjectDir != "" {
		args = append(args, "--project-directory", o.ProjectDir)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, append(args, "config", "--format", "json")...)
	cmd.Dir = o.Dir
	cmd.Env = append(o.Environ, "HOME="+os.Getenv("HOME"), "PWD="+o.Dir)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if o.Stdin != nil {
		in, _ := o.Stdin()
		cmd.Stdin = bytes.NewReader(in)
	}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.String())
	}
	var c configured
	if err := json.Unmarshal(stdout.Bytes(), &c); err != nil {
		t.Fatalf("%v in %s", err, stdout.String())
	}
	return &c, nil
}

func (c *configured) String() string {
	var lines []string
	for name, s := range c.Services {
		add := func(format string, args ...any) { lines = append(lines, name+" "+fmt.Sprintf(format, args...)) }
		add("%s %s %s %v %q %q", s.Image, s.User, s.WorkingDir, s.ReadOnly, s.Entrypoint, s.Command)
		for _, v := range s.Volumes {
			if named, ok := c.Volumes[v.Source]; ok {
				v.Source = named.Name
			}
			add("%s %s:%s:%v", v.Type, v.Source, path.Clean(v.Target), v.ReadOnly)
		}
		for _, target := range s.Tmpfs {
			target, opts, _ := strings.Cut(target, ":")
			add("tmpfs :%s:%v", target, slices.Contains(strings.Split(opts, ","), "ro"))
		}
		for _, p := range s.Ports {
			if p.Published == "" {
				continue // as are those only exposed, which are listed elsewhere
			}
			add("port %s:%s:%d/%s", p.HostIP, p.Published, p.Target, p.Protocol)
		}
		for key, value := range s.Environment {
			if value == nil {
				value = new(string)
			}
			add("env %s=%s", key, strings.ReplaceAll(*value, "$$", "$"))
		}
		for after := range s.DependsOn {
			add("after %s", after)
		}
	}
	slices.Sort(lines)
	return c.Name + "\n" + strings.Join(lines, "\n")
}

// comparable writes our project as configured.String does theirs, without what
// only Compose's `up` makes up.
func comparable(p *model.Project) string {
	var lines []string
	for _, s := range p.Services {
		add := func(format string, args ...any) { lines = append(lines, s.Name+" "+fmt.Sprintf(format, args...)) }
		image := s.Image
		if s.Build && (image == p.Name+"-"+s.Name || image == p.Name+"_"+s.Name) {
			image = ""
		}
		add("%s %s %s %v %q %q", image, s.User, s.WorkingDir, s.ReadOnly, s.Entrypoint, s.Command)
		for _, m := range s.Mounts {
			if m.Kind == model.Config || m.Kind == model.Secret {
				continue
			}
			kind := m.Kind
			if kind == model.Other {
				kind = "image"
			}
			add("%s %s:%s:%v", kind, m.Source, m.Target, m.ReadOnly)
		}
		for _, port := range s.Ports {
			if port.Host == "" {
				continue
			}
			add("port %s:%s:%d/%s", port.HostIP, port.Host, port.Target, port.Protocol)
		}
		for _, key := range slices.Sorted(maps.Keys(s.Env)) {
			add("env %s=%s", key, s.Env[key].Reveal())
		}
		for _, after := range s.DependsOn {
			add("after %s", after)
		}
	}
	slices.Sort(lines)
	return p.Name + "\n" + strings.Join(lines, "\n")
}
