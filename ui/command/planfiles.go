package command

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"petrify/ui/export"
)

// planFiles are where the inspector writes plans: over nothing but earlier ones.
type planFiles struct{ p *Program }

// Keep writes a plan to a file, where mayReplace lets it.
func (f planFiles) Keep(name string, content []byte, mayReplace func(earlier []byte) error) error {
	if _, err := f.Replaces(name, mayReplace); err != nil {
		return err
	}
	return f.p.Files.Replace(name, export.Signed(content))
}

// Replaces reports whether there is a file that Keep would replace, or why it would not.
func (f planFiles) Replaces(name string, mayReplace func(earlier []byte) error) (bool, error) {
	if err := f.p.mayReplace(name, false); err != nil {
		if next := advice(err); next != "" {
			return false, fmt.Errorf("%w: %s", err, next)
		}
		return false, err
	}
	earlier, err := f.p.Files.Read(name)
	if err != nil {
		return false, err
	}
	return len(earlier) > 0, mayReplace(earlier)
}

// mostCompletions is how many paths are offered at once.
const mostCompletions = 200

// Complete returns the paths that begin so; folders end with a slash.
func (f planFiles) Complete(begin string) []string {
	folder, start := filepath.Split(begin)
	entries, err := os.ReadDir(cmp.Or(folder, "."))
	if err != nil {
		return nil
	}
	var found []string
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, start) || start == "" && strings.HasPrefix(name, ".") {
			continue
		}
		if entry.IsDir() {
			name += string(filepath.Separator)
		}
		if found = append(found, folder+name); len(found) == mostCompletions {
			break
		}
	}
	return found
}
