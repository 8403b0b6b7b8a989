package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// As `docker petrify`, petrify is called by docker's command line under the name
// docker-petrify (https://docs.docker.com/extend/cli_plugins/, docker/cli's
// cli-plugins/manager):
//
//   - To be listed it is asked for docker-cli-plugin-metadata.
//   - Else it gets all arguments of docker: docker's own flags, its name, and the rest; or
//     "help", its name and the rest.
//   - To complete words, what completes comes before docker's arguments.

const (
	pluginProgram  = "docker-petrify"
	pluginName     = "petrify"
	pluginMetadata = "docker-cli-plugin-metadata"
)

// metadata is what docker wants to know of a plugin.
type metadata struct {
	SchemaVersion    string
	Vendor           string
	Version          string
	ShortDescription string
}

// isPlugin reports whether a program was started as a plugin of docker's command line.
func isPlugin(program string) bool {
	return strings.TrimSuffix(filepath.Base(program), ".exe") == pluginProgram
}

// pluginArguments turns the arguments that docker passes into those of petrify.
func pluginArguments(args []string) ([]string, error) {
	var completion []string
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		completion, args = args[:1], args[1:]
	}
	if !slices.Contains(args, pluginName) {
		return append(completion, args...), nil // somebody called the plugin by its own name
	}
	docker := newDockerFlags()
	if err := docker.set.Parse(args); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return nil, fmt.Errorf("flags of docker: %w", err)
	}
	var help []string
	rest := docker.set.Args()
	if len(rest) > 1 && rest[0] == "help" {
		help, rest = []string{"--help"}, rest[1:]
	}
	if docker.help {
		help = []string{"--help"}
	}
	if len(rest) == 0 || rest[0] != pluginName {
		return append(completion, args...), nil
	}
	own, err := docker.passOn()
	if err != nil {
		return nil, err
	}
	return slices.Concat(completion, own, rest[1:], help), nil
}

// dockerFlags are the flags that docker takes before the name of a command.
type dockerFlags struct {
	set                  *pflag.FlagSet
	config, context      string
	hosts                []string
	tls, verify          bool
	authority, cert, key string
	help                 bool
}

func newDockerFlags() *dockerFlags {
	f := &dockerFlags{set: pflag.NewFlagSet("docker", pflag.ContinueOnError)}
	f.set.SetInterspersed(false)
	f.set.Usage = func() {}
	f.set.StringVar(&f.config, "config", "", "")
	f.set.StringVarP(&f.context, "context", "c", "", "")
	f.set.StringArrayVarP(&f.hosts, "host", "H", nil, "")
	f.set.BoolVar(&f.tls, "tls", false, "")
	f.set.BoolVar(&f.verify, "tlsverify", false, "")
	f.set.StringVar(&f.authority, "tlscacert", "", "")
	f.set.StringVar(&f.cert, "tlscert", "", "")
	f.set.StringVar(&f.key, "tlskey", "", "")
	f.set.BoolVar(&f.help, "help", false, "")
	f.set.BoolP("debug", "D", false, "")        // petrify has no log
	f.set.StringP("log-level", "l", "info", "") // either
	return f
}

// passOn gives docker's flags to petrify, as flags of its own or as docker's variables.
func (f *dockerFlags) passOn() ([]string, error) {
	var own []string
	if f.context != "" {
		own = append(own, "--context", f.context)
	}
	for _, host := range f.hosts {
		own = append(own, "--host", host)
	}
	variables := map[string]string{"DOCKER_CONFIG": f.config}
	if f.verify {
		variables["DOCKER_TLS_VERIFY"] = "1"
	} else if f.tls {
		return nil, errors.New("docker's --tls, which trusts every engine, is not supported: use --tlsverify or a context")
	}
	for file, name := range map[string]string{f.authority: "ca.pem", f.cert: "cert.pem", f.key: "key.pem"} {
		if file == "" {
			continue
		}
		folder := filepath.Dir(file)
		if known := variables["DOCKER_CERT_PATH"]; filepath.Base(file) != name || known != "" && known != folder {
			return nil, fmt.Errorf("%s: petrify takes ca.pem, cert.pem and key.pem from one folder: use DOCKER_CERT_PATH or a context", file)
		}
		variables["DOCKER_CERT_PATH"] = folder
	}
	for name, value := range variables {
		if value == "" {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	return own, nil
}

// asPlugin prepares a run under docker's command line. It is done where docker only asked
// what the plugin is.
func (p *Program) asPlugin(args []string, std Streams) (own []string, done bool, err error) {
	if len(args) > 0 && args[0] == pluginMetadata {
		encoder := json.NewEncoder(std.Out)
		return nil, true, encoder.Encode(metadata{
			SchemaVersion: "0.1.0", Vendor: "petrify", Version: version(),
			ShortDescription: "See what your Compose stack writes, and lock it down",
		})
	}
	own, err = pluginArguments(args)
	return own, false, err
}
