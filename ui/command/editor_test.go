package command

import (
	"strings"
	"testing"
)

func TestEditor(t *testing.T) {
	t.Setenv("VISUAL", "")
	for _, test := range []struct{ editor, want string }{
		{"vim", "vim +7 /src/compose.yaml"},
		{"emacsclient -t", "emacsclient -t +7 /src/compose.yaml"},
		{"code --new-window", "code --new-window --wait --goto /src/compose.yaml:7"},
		{"'my editor' -x", "my editor -x /src/compose.yaml"},
		{"", "set $EDITOR"},
		{"'open", "is no command"},
	} {
		t.Setenv("EDITOR", test.editor)
		command, err := editor(t.Context(), "/src/compose.yaml", 7)
		var got string
		if err != nil {
			got = err.Error()
		} else {
			got = strings.Join(command.Args, " ")
		}
		if got != test.want && (err == nil || !strings.Contains(got, test.want)) {
			t.Errorf("%s: %s, want %s", test.editor, got, test.want)
		}
	}
}
