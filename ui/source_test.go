package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// onlyStacks is a source that can do nothing but hand out stacks.
type onlyStacks struct{ Source }

// What a source cannot do has no key, no tab and no line in the help.
func TestWhatASourceLacksIsHidden(t *testing.T) {
	bubbled(func(t *testing.T) {
		s := open(t, onlyStacks{newStill(recordedShop())}, 140, 40)
		all := s.text() + s.keys("?").text()
		s.keys("esc")
		for _, word := range []string{"record, or stop", "4 Plan", "5 Logs"} {
			if strings.Contains(all, word) {
				t.Errorf("%q is on the screen", word)
			}
		}
		for _, keys := range []string{"R", "4", "5", "r 3 enter", "r tab tab tab tab tab shift+tab", "@web 3 enter down enter down enter"} {
			s.keys(keys)
			if active := s.app.(*App).active; active == planPane || active == logsPane {
				t.Errorf("after %q pane %d is shown", keys, active)
			}
		}
		for x := range 140 { // each place on the rule with the tabs
			s.send(tea.MouseClickMsg{Button: tea.MouseLeft, X: x, Y: 2})
			if active := s.app.(*App).active; active == planPane || active == logsPane {
				t.Errorf("a click at %d shows pane %d", x, active)
			}
		}
	})(t)
}

func TestWhatASourceCanHasItsKeys(t *testing.T) {
	bubbled(func(t *testing.T) {
		s := open(t, newStill(shop()), 140, 40)
		all := s.text() + s.keys("?").text()
		for _, word := range []string{"record, or stop", "4 Plan", "5 Logs"} {
			if !strings.Contains(all, word) {
				t.Errorf("%q is not on the screen:\n%s", word, all)
			}
		}
	})(t)
}

// Where nothing can be asked, the mark takes what is known.
func TestMarkOfASourceThatCannotBeAsked(t *testing.T) {
	bubbled(func(t *testing.T) {
		s := open(t, onlyStacks{newStill(shop())}, 120, 30).keys("@web 3 m")
		if text := s.text(); !strings.Contains(text, "◆ 0 since 11:59:57") {
			t.Errorf("not marked:\n%s", text)
		}
	})(t)
}
