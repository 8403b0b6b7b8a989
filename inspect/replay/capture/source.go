package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/moby/moby/client"

	"petrify/inspect/replay"
)

// source is what a project was made from.
type source struct {
	dir     string
	files   []replay.File
	environ []string
}

// The labels in which Compose leaves what a project was made from.
const (
	dirLabel   = "com.docker.compose.project.working_dir"
	filesLabel = "com.docker.compose.project.config_files"
	envLabel   = "com.docker.compose.project.environment_file"
)

// find reads the project's Compose files, and of the variables only those that
// they use: an environment holds more than a capture should.
func find(ctx context.Context, api *client.Client, o settings) (source, error) {
	files, envFiles := o.files, []string{o.envFile}
	dir := ""
	if len(files) == 0 {
		labels, err := labelsOf(ctx, api, o.project)
		if err != nil {
			return source{}, err
		}
		dir, files = labels[dirLabel], strings.Split(labels[filesLabel], ",")
		if o.envFile == "" {
			envFiles = strings.Split(labels[envLabel], ",")
		}
	}
	if dir == "" {
		dir = filepath.Dir(files[0])
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return source{}, err
	}
	s := source{dir: dir}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return s, fmt.Errorf("read the Compose file; name it with -f: %w", err)
		}
		s.files = append(s.files, replay.File{Name: s.relative(name), Content: string(content)})
	}
	s.environ, err = s.variables(envFiles)
	return s, err
}

// relative is a file's name in the project's directory. One from elsewhere comes
// to stand there.
func (s source) relative(name string) string {
	if absolute, err := filepath.Abs(name); err == nil {
		if inside, err := filepath.Rel(s.dir, absolute); err == nil && filepath.IsLocal(inside) {
			return filepath.ToSlash(inside)
		}
	}
	return filepath.Base(name)
}

// labelsOf are the labels of any container of the project.
func labelsOf(ctx context.Context, api *client.Client, project string) (map[string]string, error) {
	list, err := api.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", projectLabel+"="+project),
	})
	if err != nil {
		return nil, fmt.Errorf("look for containers of %s: %w", project, err)
	}
	for _, item := range list.Items {
		if item.Labels[filesLabel] != "" {
			return item.Labels, nil
		}
	}
	return nil, errors.New("no container says what " + project + " was made from: bring it up, or name its files with -f")
}

var variable = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// variables are those that the Compose files name, from the environment or else
// from the files that Compose takes them from.
func (s source) variables(files []string) ([]string, error) {
	values := map[string]string{}
	for _, name := range files {
		if name == "" {
			name = filepath.Join(s.dir, ".env")
			if _, err := os.Stat(name); err != nil {
				continue
			}
		}
		read, err := dotenv.Read(name)
		if err != nil {
			return nil, fmt.Errorf("read the variables: %w", err)
		}
		for name, value := range read {
			values[name] = value
		}
	}
	var environ []string
	for _, file := range s.files {
		for _, match := range variable.FindAllStringSubmatch(file.Content, -1) {
			value, set := os.LookupEnv(match[1])
			if !set {
				value, set = values[match[1]]
			}
			if pair := match[1] + "=" + value; set && !slices.Contains(environ, pair) {
				environ = append(environ, pair)
				log.Printf("the capture holds the variable %s", match[1])
			}
		}
	}
	slices.Sort(environ)
	return environ, nil
}
