package connect

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"

	"petrify/model"
)

// Contexts names the docker contexts that Connect can be given.
func Contexts(o Options) ([]string, error) {
	if o.Environ == nil {
		o.Environ = os.Getenv
	}
	found, err := contextStore(o.configDir()).List()
	if err != nil {
		return nil, fmt.Errorf("list docker's contexts: %w", err)
	}
	names := []string{model.DefaultContext}
	for _, c := range found {
		names = append(names, c.Name)
	}
	return names, nil
}

// contextStore is where docker keeps its contexts.
func contextStore(configDir string) *store.ContextStore {
	return store.New(filepath.Join(configDir, "contexts"), store.NewConfig(
		func() any { return new(map[string]any) },
		store.EndpointTypeGetter(docker.DockerEndpoint, func() any { return new(docker.EndpointMeta) }),
	))
}
