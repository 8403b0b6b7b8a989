// Package connect finds the engine that is meant, and the way to it.
package connect

// Which engine is meant: what the first of these says, in the order of the docker command.
//
//  1. the context asked for (-c), or the host asked for (-H); not both
//  2. DOCKER_HOST
//  3. DOCKER_CONTEXT
//  4. the current context of docker's configuration file
//  5. the default socket
//
// If none of them says one and there is no default socket, the sockets of rootless
// Docker, Docker Desktop and Podman are tried, where docker would fail.

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"petrify/inspect/engine"
	"petrify/model"

	"github.com/containerd/errdefs"
	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	dockercontext "github.com/docker/cli/cli/context"
	"github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/opts"
	"github.com/moby/moby/client"
	"github.com/sirupsen/logrus"
)

// Options say which engine is meant.
type Options struct {
	Host    string                   // an address, as -H takes it
	Context string                   // the name of a docker context
	Environ func(name string) string // os.Getenv when nil
}

// Connect finds the engine and prepares to ask it; it does not wait for the
// engine to answer. The client that it returns can change the engine: give it only to what
// has to. For everything else there is engine.New.
func Connect(o Options) (*client.Client, model.Engine, error) {
	if o.Environ == nil {
		o.Environ = os.Getenv
	}
	if o.Host != "" && o.Context != "" {
		return nil, model.Engine{}, engine.Advise(errors.New("a host and a context were both given"), "give either -H or -c")
	}
	dir := o.configDir()
	file, fileErr := config.Load(dir)
	name := o.contextName(file)
	if fileErr != nil && name == "" {
		return nil, model.Engine{}, engine.Advise(fmt.Errorf("read docker's configuration: %w", fileErr), "mend the file, or say which engine with -H or -c")
	}

	var endpoint docker.Endpoint
	var about model.Engine
	var err error
	if name == "" || name == model.DefaultContext {
		endpoint, about, err = o.fromEnvironment(dir)
	} else {
		endpoint, err = fromStore(dir, name)
		about = model.Engine{Context: name, Address: endpoint.Host}
	}
	if err != nil {
		return nil, model.Engine{}, err
	}
	api, err := o.client(endpoint, file)
	if err != nil {
		return nil, model.Engine{}, engine.Advise(fmt.Errorf("connect to %s: %w", endpoint.Host, err), "check the address and its certificates")
	}
	return api, about, nil
}

func (o Options) client(endpoint docker.Endpoint, file *configfile.ConfigFile) (*client.Client, error) {
	if strings.HasPrefix(endpoint.Host, "ssh://") {
		// The connection helper warns through the global logger, which would
		// write over the screen. What went wrong comes back as an error too.
		logrus.SetOutput(io.Discard)
	}
	options, err := endpoint.ClientOpts()
	if err != nil {
		return nil, err
	}
	if len(file.HTTPHeaders) > 0 {
		options = append(options, client.WithHTTPHeaders(file.HTTPHeaders))
	}
	options = append(options, client.WithAPIVersion(o.Environ("DOCKER_API_VERSION")), client.WithUserAgent("petrify"))
	return client.New(options...)
}

func (o Options) configDir() string {
	if dir := o.Environ("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	return filepath.Join(o.home(), ".docker")
}

func (o Options) home() string {
	if home := o.Environ("HOME"); home != "" {
		return home
	}
	home, _ := os.UserHomeDir() // without one, nothing is found there
	return home
}

// contextName returns the context that is meant; "" when nothing names one.
func (o Options) contextName(file *configfile.ConfigFile) string {
	switch {
	case o.Context != "":
		return o.Context
	case o.Host != "" || o.Environ("DOCKER_HOST") != "":
		return model.DefaultContext
	case o.Environ("DOCKER_CONTEXT") != "":
		return o.Environ("DOCKER_CONTEXT")
	}
	return file.CurrentContext
}

func fromStore(configDir, name string) (docker.Endpoint, error) {
	contexts := contextStore(configDir)
	found, err := contexts.GetMetadata(name)
	if errdefs.IsNotFound(err) {
		return docker.Endpoint{}, engine.Advise(fmt.Errorf("there is no docker context %q", name), "`docker context ls` lists those there are")
	}
	var meta docker.EndpointMeta
	if err == nil {
		meta, err = docker.EndpointFromContext(found)
	}
	var endpoint docker.Endpoint
	if err == nil {
		endpoint, err = docker.WithTLSData(contexts, name, meta)
	}
	if err != nil {
		return endpoint, engine.Advise(fmt.Errorf("read docker context %q: %w", name, err), "`docker context inspect` shows it")
	}
	return endpoint, nil
}

// fromEnvironment is the default context: an address that was given, or a
// socket where engines leave one.
func (o Options) fromEnvironment(configDir string) (docker.Endpoint, model.Engine, error) {
	given := cmp.Or(o.Host, o.Environ("DOCKER_HOST"))
	tlsData, skipVerify, err := o.tls(configDir)
	if err != nil {
		return docker.Endpoint{}, model.Engine{}, err
	}
	host, err := opts.ParseHost(tlsData != nil, given)
	if err != nil {
		return docker.Endpoint{}, model.Engine{}, engine.Advise(fmt.Errorf("read the engine's address %q: %w", given, err),
			"an address is such as unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host")
	}
	about := model.Engine{Address: host}
	if strings.TrimSpace(given) == "" {
		about.Context = model.DefaultContext
		if other := o.otherSocket(host); other != "" {
			host, about = other, model.Engine{Address: other}
		}
	}
	return docker.Endpoint{
		EndpointMeta: docker.EndpointMeta{Host: host, SkipTLSVerify: skipVerify},
		TLSData:      tlsData,
	}, about, nil
}

// tls reads what DOCKER_TLS and DOCKER_TLS_VERIFY ask for: any value turns
// them on. As in docker, the client's own certificate may be missing.
func (o Options) tls(configDir string) (data *dockercontext.TLSData, skipVerify bool, err error) {
	verify := o.Environ("DOCKER_TLS_VERIFY") != ""
	if !verify && o.Environ("DOCKER_TLS") == "" {
		return nil, false, nil
	}
	dir := cmp.Or(o.Environ("DOCKER_CERT_PATH"), configDir)
	file := func(name string) string {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return ""
		}
		return path
	}
	data, err = dockercontext.TLSDataFromFiles(filepath.Join(dir, "ca.pem"), file("cert.pem"), file("key.pem"))
	if err != nil {
		return nil, false, engine.Advise(fmt.Errorf("read the engine's certificates: %w", err),
			"set DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem, or unset DOCKER_TLS_VERIFY")
	}
	return data, !verify, nil
}

// otherSocket finds a socket to try instead of the default one. It returns "" where the
// default socket is there, or none of the others is.
func (o Options) otherSocket(host string) string {
	defaultSocket, isUnix := strings.CutPrefix(host, "unix://")
	if !isUnix || exists(defaultSocket) {
		return ""
	}
	candidates := []string{filepath.Join(o.home(), ".docker", "run", "docker.sock")}
	if runtime := o.Environ("XDG_RUNTIME_DIR"); runtime != "" {
		candidates = append([]string{filepath.Join(runtime, "docker.sock")}, candidates...)
		candidates = append(candidates, filepath.Join(runtime, "podman", "podman.sock"))
	}
	for _, socket := range append(candidates, "/run/podman/podman.sock") {
		if exists(socket) {
			return "unix://" + socket
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}
