package ui

import (
	"slices"

	"charm.land/bubbles/v2/key"
)

// KeyMap are the bindings that work everywhere; each pane has its own besides.
type KeyMap struct {
	Preview, Record          key.Binding
	Try, TryAll              key.Binding
	Mark, Unmark             key.Binding
	NextPane, PreviousPane   key.Binding
	Pane                     []key.Binding // one for each pane
	NextService, PrevService key.Binding
	Export                   key.Binding
	Zoom, Wider, Narrower    key.Binding
	Jump, Copy, Edit         key.Binding
	Back, Refresh, Reveal    key.Binding
	Help, Suspend, Quit      key.Binding
}

// DefaultKeyMap returns the bindings as documented.
func DefaultKeyMap() KeyMap {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	return KeyMap{
		Preview:      bind("r", "read-only preview", "r"),
		Record:       bind("R", "record, or stop", "R"),
		Try:          bind("t", "try its plan, or stop", "t"),
		TryAll:       bind("T", "try the whole stack", "T"),
		Mark:         bind("m", "mark now", "m"),
		Unmark:       bind("M", "forget the mark", "M"),
		NextPane:     bind("tab", "next pane", "tab"),
		PreviousPane: bind("shift+tab", "previous pane", "shift+tab"),
		Pane: []key.Binding{
			bind("1", "overview", "1"),
			bind("2", "mounts", "2"),
			bind("3", "changes", "3"),
			bind("4", "plan", "4"),
			bind("5", "logs", "5"),
		},
		NextService: bind("]", "next service", "]"),
		PrevService: bind("[", "previous service", "["),
		Export:      bind("e", "export", "e"),
		Zoom:        bind("z", "zoom", "z"),
		Wider:       bind(">", "wider list", ">"),
		Narrower:    bind("<", "narrower list", "<"),
		Jump:        bind(":", "jump", ":"),
		Copy:        bind("y", "copy its name or path", "y"),
		Edit:        bind("o", "edit the Compose file", "o"),
		Back:        bind("esc", "back", "esc"),
		Refresh:     bind("ctrl+r", "read everything again", "ctrl+r"),
		Reveal:      bind("v", "show values", "v"),
		Help:        bind("?", "help", "?"),
		Suspend:     bind("ctrl+z", "suspend", "ctrl+z"),
		Quit:        bind("q", "quit", "q", "ctrl+c"),
	}
}

// short are the bindings of the moment that the last line has room for. Help and quit are
// always among them; those of the steps stand in the header.
func (k KeyMap) short(previewing bool, part []key.Binding, l layout) []key.Binding {
	var keys []key.Binding
	if previewing {
		preview := k.Preview
		preview.SetHelp(preview.Help().Key, "leave the preview")
		keys = append(keys, preview)
	}
	own := part
	if moves := slices.IndexFunc(part, func(b key.Binding) bool { return slices.Contains(b.Keys(), "up") }); moves >= 0 {
		own = part[:moves] // nobody has to be told how to move
	}
	keys = append(keys, own[:min(len(own), 2)]...)
	keys = append(keys, k.Mark, k.Jump, k.NextPane)
	if !l.oneColumn() {
		keys = append(keys, k.Zoom)
	}
	keys = append(keys, k.Back)
	width := l.width - keyWidth(k.Help.Help(), footerGap) - keyWidth(k.Quit.Help(), footerGap)
	return append(fitting(keys, width, footerGap), k.Help, k.Quit)
}

// commands are the bindings that do something wherever one is.
func (k KeyMap) commands() []key.Binding {
	return []key.Binding{k.Preview, k.Record, k.Try, k.TryAll, k.Export, k.Mark, k.Unmark, k.Copy, k.Edit, k.Zoom, k.Reveal, k.Refresh, k.Help, k.Quit}
}

// full are all bindings in the columns of the help: first those of the part that has the
// focus, then the way, then what works everywhere. Keys that can do nothing are left out.
func (k KeyMap) full(part []key.Binding, l layout) [][]key.Binding {
	screen := []key.Binding{k.NextService, k.PrevService, k.Jump, k.Copy, k.Edit}
	if !l.oneColumn() {
		screen = append(screen, k.Zoom, k.Wider, k.Narrower)
	}
	screen = append(screen, k.Refresh, k.Reveal, k.Back, k.Help, k.Suspend, k.Quit)
	return [][]key.Binding{
		part,
		append([]key.Binding{k.Preview, k.Record, k.Try, k.TryAll, k.Export, k.Mark, k.Unmark, k.NextPane, k.PreviousPane}, k.Pane...),
		screen,
	}
}
