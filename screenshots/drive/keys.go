package drive

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// named are the keys that have no character of their own.
var named = map[string]rune{
	"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "space": tea.KeySpace, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
}

// modifiers in the order in which Bubble Tea names them.
var modifiers = []struct {
	name string
	mod  tea.KeyMod
}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}}

// press gives the key of a name, the one that Bubble Tea prints for it.
func press(name string) (tea.KeyPressMsg, error) {
	var key tea.KeyPressMsg
	rest := name
	for _, m := range modifiers {
		if after, ok := strings.CutPrefix(rest, m.name); ok {
			rest, key.Mod = after, key.Mod|m.mod
		}
	}
	if code, ok := named[rest]; ok {
		key.Code = code
		if rest == "space" && key.Mod == 0 {
			key.Text = " "
		}
		return key, nil
	}
	r, size := utf8.DecodeRuneInString(rest)
	if size == 0 || size != len(rest) || r == utf8.RuneError {
		return key, fmt.Errorf("no key is named %q", name)
	}
	key.Code = r
	if key.Mod == 0 {
		key.Text = rest
	}
	return key, nil
}
