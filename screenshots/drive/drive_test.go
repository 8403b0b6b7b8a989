package drive

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// notebook is a program that writes down what it is told.
type notebook struct {
	lines []string
	does  map[string]tea.Cmd // what keys lead to; "" is what it does at first
}

type note string

func (d notebook) Init() tea.Cmd { return d.does[""] }

func (d notebook) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	add := func(format string, args ...any) {
		d.lines = append(d.lines[:len(d.lines):len(d.lines)], fmt.Sprintf(format, args...))
	}
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		add("%dx%d", msg.Width, msg.Height)
	case tea.BackgroundColorMsg:
		add("dark %v", msg.IsDark())
	case tea.KeyPressMsg:
		add("key %s", msg)
		return d, d.does[msg.String()]
	case note:
		add("%s", string(msg))
	}
	return d, nil
}

func (d notebook) View() tea.View {
	return tea.NewView("\x1b[1m" + strings.Join(d.lines, "\x1b[m; "))
}

func says(s note) tea.Cmd { return func() tea.Msg { return s } }

func after(wait time.Duration, s note) tea.Cmd {
	return func() tea.Msg {
		time.Sleep(wait)
		return s
	}
}

func TestFrame(t *testing.T) {
	has := func(want string) func(string) bool {
		return func(text string) bool { return strings.Contains(text, want) }
	}
	for _, tc := range []struct {
		name   string
		does   map[string]tea.Cmd
		script Script
		want   string
		err    string
	}{
		{name: "nothing", want: "dark true"},
		{name: "light", script: Script{Background: color.White}, want: "dark false"},
		{
			name: "keys", script: Script{Keys: []string{"j", "tab", "shift+tab", "ctrl+c"}},
			want: "dark true; key j; key tab; key shift+tab; key ctrl+c",
		},
		{
			name: "batch", does: map[string]tea.Cmd{"r": tea.Batch(after(2, "two"), after(1, "one"))},
			script: Script{Keys: []string{"r", "x"}}, want: "dark true; key r; one; two; key x",
		},
		{
			name: "sequence", does: map[string]tea.Cmd{"r": tea.Sequence(after(2, "one"), tea.Batch(after(2, "three"), after(1, "two")), says("four"))},
			script: Script{Keys: []string{"r"}}, want: "dark true; key r; one; two; three; four",
		},
		{
			name: "slow start", does: map[string]tea.Cmd{"": after(time.Second, "data")},
			script: Script{Ready: has("data"), Keys: []string{"x"}}, want: "dark true; data; key x",
		},
		{
			name: "slow end", does: map[string]tea.Cmd{"x": after(time.Second, "data")},
			script: Script{Done: has("data"), Keys: []string{"x"}}, want: "dark true; key x; data",
		},
		{
			name: "slow without a key", does: map[string]tea.Cmd{"": after(time.Second, "data")},
			script: Script{Done: has("data")}, want: "dark true; data",
		},
		{name: "late ones are not waited for", does: map[string]tea.Cmd{"": after(time.Second, "data")}, want: "dark true"},
		{name: "never", script: Script{Done: has("data"), Keys: []string{"x"}}, err: "after all keys: the frame went on changing (context deadline exceeded); the last one was:\n80x24; dark true; key x"},
		{name: "quits", does: map[string]tea.Cmd{"q": tea.Quit}, script: Script{Keys: []string{"q"}}, err: "after key 1, q: the program ended"},
		{name: "no such key", script: Script{Keys: []string{"hyperspace"}}, err: `no key is named "hyperspace"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(time.Minute) // late commands must end before the bubble does
				tc.script.Columns, tc.script.Rows = 80, 24
				if tc.script.Background == nil {
					tc.script.Background = color.Black
				}
				frame, err := Frame(t.Context(), notebook{does: tc.does}, tc.script)
				if tc.err != "" {
					if err == nil || err.Error() != tc.err {
						t.Fatalf("got %v, want %s", err, tc.err)
					}
					return
				}
				want := "\x1b[1m80x24\x1b[m; " + strings.ReplaceAll(tc.want, "; ", "\x1b[m; ")
				if err != nil || frame != want {
					t.Errorf("\n got %q %v\nwant %q", frame, err, want)
				}
			})
		})
	}
}

func TestFrameIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		never := func(string) bool { return false }
		if _, err := Frame(ctx, notebook{}, Script{Columns: 80, Rows: 24, Background: color.Black, Ready: never}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestPress(t *testing.T) {
	for _, name := range []string{
		"r", "R", "?", "/", "é", "+", "enter", "tab", "shift+tab", "esc", "space", "backspace", "delete", "up", "down", "left", "right",
		"home", "end", "pgup", "pgdown", "ctrl+c", "ctrl+space", "alt+enter", "ctrl+alt+shift+up",
	} {
		if key, err := press(name); err != nil || key.String() != name {
			t.Errorf("%s: got %s %v", name, key, err)
		}
	}
	for _, name := range []string{"", "ctrl+", "nokey", "shift+ctrl+a", "\xff", "ab"} {
		if key, err := press(name); err == nil {
			t.Errorf("%q: got %s", name, key)
		}
	}
}
