package export

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"         //nolint:depguard // only a reader of Compose files can say what is in one
	"github.com/compose-spec/compose-go/v2/types"          //nolint:depguard // as above
	swarmloader "github.com/docker/cli/cli/compose/loader" //nolint:depguard // what docker stack deploy reads with
	swarmtypes "github.com/docker/cli/cli/compose/types"   //nolint:depguard // as above
	"github.com/docker/go-units"

	"petrify/model"
)

// base declares services as the files do that an override is laid over.
func base(services []string) string {
	if len(services) == 0 {
		return "services: {}\n"
	}
	var b strings.Builder
	b.WriteString("services:\n")
	for _, name := range services {
		b.WriteString("  " + quote(name) + ":\n    image: img\n    tmpfs: /already/there\n")
	}
	return b.String()
}

func readCompose(t testing.TB, text string, services []string) map[string][]seen {
	t.Helper()
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: "/project",
		ConfigFiles: []types.ConfigFile{
			{Filename: "compose.yaml", Content: []byte(base(services))},
			{Filename: "compose.readonly.yaml", Content: []byte(text)},
		},
		Environment: types.Mapping{"x": "REPLACED", "y": "REPLACED"},
	}, func(o *loader.Options) { o.SetProjectName("shop", true) })
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	found := map[string][]seen{}
	for name, service := range project.Services {
		if !service.ReadOnly {
			t.Errorf("%s is not read-only", name)
		}
		found[name] = []seen{}
		for _, short := range service.Tmpfs {
			if target, options, _ := strings.Cut(short, ":"); target != "/already/there" {
				found[name] = append(found[name], readOptions(t, target, options))
			}
		}
		for _, v := range service.Volumes {
			m := seen{kind: model.MountKind(v.Type), target: v.Target, volume: v.Source}
			if v.Tmpfs != nil {
				m.size, m.mode = int64(v.Tmpfs.Size), v.Tmpfs.Mode
			} else if named, ok := project.Volumes[v.Source]; !ok || named.Name != "shop_"+v.Source {
				t.Errorf("volume %q is not declared", v.Source)
			}
			found[name] = append(found[name], m)
		}
	}
	return found
}

// readOptions reads the options of a tmpfs as the kernel does.
func readOptions(t testing.TB, target, options string) seen {
	t.Helper()
	m := seen{kind: model.Tmpfs, target: target}
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		var err error
		switch key {
		case "mode":
			var mode uint64
			mode, err = strconv.ParseUint(value, 8, 32)
			m.mode = uint32(mode)
		case "uid":
			m.uid, err = strconv.Atoi(value)
		case "gid":
			m.gid, err = strconv.Atoi(value)
		case "size":
			m.size, err = units.RAMInBytes(value)
		case "exec":
			m.exec = true
		case "rw", "nosuid", "nodev", "noexec":
		default:
			t.Errorf("no engine knows the option %q", option)
		}
		if err != nil {
			t.Error(err)
		}
	}
	return m
}

func readSwarm(t testing.TB, text string, services []string) map[string][]seen {
	t.Helper()
	stated := regexp.MustCompile(`(?m)^version: .*\n`).FindString(text)
	details := swarmtypes.ConfigDetails{
		WorkingDir:  "/project",
		Environment: map[string]string{"x": "REPLACED", "y": "REPLACED"},
	}
	for _, content := range []string{stated + base(services), text} {
		config, err := swarmloader.ParseYAML([]byte(content))
		if err != nil {
			t.Fatalf("%v\n%s", err, content)
		}
		details.ConfigFiles = append(details.ConfigFiles, swarmtypes.ConfigFile{Config: config})
	}
	config, err := swarmloader.Load(details)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	found := map[string][]seen{}
	for _, service := range config.Services {
		if !service.ReadOnly {
			t.Errorf("%s is not read-only", service.Name)
		}
		found[service.Name] = []seen{}
		for _, v := range service.Volumes {
			m := seen{kind: model.Volume, target: v.Target, volume: v.Source}
			named, ok := config.Volumes[v.Source]
			if !ok {
				t.Errorf("volume %q is not declared", v.Source)
			}
			if named.DriverOpts["type"] == "tmpfs" {
				m = readOptions(t, v.Target, named.DriverOpts["o"])
				m.exec = !strings.Contains(named.DriverOpts["o"], "noexec")
			}
			found[service.Name] = append(found[service.Name], m)
		}
	}
	return found
}
