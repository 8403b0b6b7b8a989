package keep

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ours are plans, in this test.
func ours(head []byte) bool { return bytes.HasPrefix(head, []byte("# petrify plan")) }

func TestReplaceOnlyOurs(t *testing.T) {
	for name, test := range map[string]struct {
		before string // "": nothing is there; "/": a folder; "->": a link to a plan
		force  bool
		err    string
	}{
		"new":             {"", false, ""},
		"an earlier plan": {"# petrify plan v1 of shop\nservices: {}\n", false, ""},
		"empty":           {"\n", false, "not written by petrify"},
		"somebody else's": {"services: {}\n", false, "not written by petrify"},
		"forced":          {"services: {}\n", true, ""},
		"folder":          {"/", false, "is not a file"},
		"folder, forced":  {"/", true, "is not a file"},
		"link":            {"->", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, real := filepath.Join(dir, "plan.yaml"), filepath.Join(dir, "plan.yaml")
			var err error
			switch test.before {
			case "":
			case "/":
				err = os.Mkdir(file, 0o755)
			case "->":
				real = filepath.Join(t.TempDir(), "real.yaml")
				if err = os.WriteFile(real, []byte("# petrify plan v1\n"), 0o640); err == nil {
					err = os.Symlink(real, file)
				}
			default:
				err = os.WriteFile(file, []byte(test.before), 0o640)
			}
			if err != nil {
				t.Fatal(err)
			}
			err = MayReplace(file, ours, test.force)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := Replace(file, []byte("new")); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(real); err != nil || string(got) != "new" {
				t.Errorf("%q, %v", got, err)
			}
			if info, err := os.Stat(real); err != nil || test.before != "" && info.Mode().Perm() != 0o640 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 1 {
				t.Errorf("left beside it: %v, %v", left, err)
			}
		})
	}
}

// A new file has the mode that any program would give it; a private one is not
// for others.
func TestModeOfNewFiles(t *testing.T) {
	dir := t.TempDir()
	usual, plan, private := filepath.Join(dir, "usual"), filepath.Join(dir, "plan"), filepath.Join(dir, "private")
	if err := errors.Join(os.WriteFile(usual, nil, 0o666), Replace(plan, []byte("x")), replacePrivate(private, []byte("x"))); err != nil {
		t.Fatal(err)
	}
	mode := func(name string) os.FileMode {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if got, want := mode(plan), mode(usual); got != want {
		t.Errorf("a plan has mode %v, want %v", got, want)
	}
	if got := mode(private); got&0o077 != 0 {
		t.Errorf("a private file has mode %v", got)
	}
}
