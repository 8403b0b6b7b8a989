package compose

import (
	"context"
	"regexp"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
)

// Name returns the project's name as well as it can be told, also where Load
// fails: its containers can then be found all the same. It is empty where even
// the folder says nothing.
func Name(_ context.Context, o Options) string {
	var name string
	_, _ = withWarnings(func() error {
		// What is wrong with the files is Load's to say.
		from, _ := find(o)
		_ = from.read(o)
		name = from.guessName()
		return nil
	})
	return name
}

// topName finds the project's name in a file that may not be valid YAML.
var topName = regexp.MustCompile(`(?m)^["']?name["']?[ \t]*:[ \t]+["']?([^"'#\r\n]+)`)

func (s *sources) guessName() string {
	name, binding := s.projectName()
	if !binding {
		for _, f := range s.files {
			if found := topName.FindSubmatch(f.Content); found != nil {
				value, err := template.Substitute(strings.TrimSpace(string(found[1])), s.env.Resolve)
				if err == nil && value != "" {
					name = value
				}
			}
		}
	}
	return loader.NormalizeProjectName(name)
}
