package command

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/mattn/go-shellwords"
)

// editor is the command that edits a file at a line, with the editor that $VISUAL or $EDITOR
// name; those that do not know +LINE get the file alone.
func editor(ctx context.Context, file string, line int) (*exec.Cmd, error) {
	wanted := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"))
	if wanted == "" {
		return nil, errors.New("set $EDITOR to the editor to use")
	}
	words, err := shellwords.Parse(wanted)
	if err != nil || len(words) == 0 {
		return nil, errors.New("$EDITOR is no command: " + wanted)
	}
	args := words[1:]
	switch filepath.Base(words[0]) {
	case "vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ed", "ne", "mg":
		if line > 0 {
			args = append(args, "+"+strconv.Itoa(line))
		}
		args = append(args, file)
	case "hx", "helix":
		args = append(args, file+":"+strconv.Itoa(max(line, 1)))
	case "code", "codium":
		args = append(args, "--wait", "--goto", file+":"+strconv.Itoa(max(line, 1)))
	default:
		args = append(args, file)
	}
	// An interrupt is for the editor as well, which has something to save.
	return exec.CommandContext(context.WithoutCancel(ctx), words[0], args...), nil
}
