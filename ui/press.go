package ui

import (
	"slices"
	"unicode"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/ui/clean"
	"petrify/ui/pane"
)

// press answers to a key: what is typed goes to its input, then come the
// bindings that work everywhere, then those of the part that has the focus.
func (a *App) press(msg tea.KeyPressMsg) tea.Cmd {
	a.toast = ""
	a.services.Touch()
	switch {
	case msg.String() == "ctrl+c":
		return a.quit()
	case key.Matches(msg, a.keys.Suspend):
		return tea.Suspend
	}
	if top := a.dialogs.top(); top != nil {
		return a.pressDialog(top, msg)
	}
	if a.focussed().Typing() {
		return a.focussed().Update(msg)
	}
	if cmd, done := a.pressAnywhere(msg); done {
		return cmd
	}
	if a.inside && a.active != changesPane && !(a.active == logsPane && a.logs.Sideways()) && key.Matches(msg, leave) {
		return a.enter(false)
	}
	if !a.inside && !key.Matches(msg, a.services.Keys()...) && key.Matches(msg, a.panes[a.active].Keys()...) {
		// Only the pane knows this key, so it is meant for it.
		return tea.Batch(a.enter(true), a.panes[a.active].Update(msg))
	}
	return a.focussed().Update(msg)
}

// mostPasted is how much of a paste is taken: a path may be as long.
const mostPasted = 4096

// paste types what was pasted, where something is being typed.
func (a *App) paste(text string) tea.Cmd {
	var cmds []tea.Cmd
	for i, r := range []rune(text) {
		if i >= mostPasted || !a.typing() {
			break
		}
		if unicode.IsPrint(r) {
			cmds = append(cmds, a.press(tea.KeyPressMsg{Code: r, Text: string(r)}))
		}
	}
	return tea.Batch(cmds...)
}

// typing reports whether keys are text.
func (a *App) typing() bool {
	if top := a.dialogs.top(); top != nil {
		typing, ok := top.(interface{ Typing() bool })
		return ok && typing.Typing()
	}
	return a.focussed().Typing()
}

// pressDialog answers to a key while a dialog is open.
func (a *App) pressDialog(top pane.Dialog, msg tea.KeyPressMsg) tea.Cmd {
	if _, helps := top.(*pane.Help); !helps && !a.typing() && key.Matches(msg, a.keys.Help) {
		return a.dialogs.show(pane.NewHelp("the dialog", [][]key.Binding{top.Keys()}))
	}
	return a.dialogs.press(msg)
}

// leave goes back to the services from panes that have no other use for it.
var leave = key.NewBinding(key.WithKeys("left", "h"))

func (a *App) pressAnywhere(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k := a.keys
	if i := slices.IndexFunc(k.Pane, func(b key.Binding) bool { return key.Matches(msg, b) }); i >= 0 {
		return a.activate(i), true
	}
	switch {
	case key.Matches(msg, k.Quit):
		return a.quit(), true
	case key.Matches(msg, k.Help):
		return a.showHelp(), true
	case key.Matches(msg, k.Preview):
		return a.togglePreview(), true
	case key.Matches(msg, k.Record):
		return a.pressRecord(), true
	case key.Matches(msg, k.Try, k.TryAll):
		return a.pressTry(key.Matches(msg, k.TryAll)), true
	case key.Matches(msg, k.Export):
		return a.export(), true
	case key.Matches(msg, k.Jump):
		return a.jump(), true
	case key.Matches(msg, k.Copy):
		return a.copyName(), true
	case key.Matches(msg, k.Edit):
		return a.edit(), true
	case key.Matches(msg, k.Zoom):
		return a.zoom(), true
	case key.Matches(msg, k.Wider):
		return a.moveSplit(splitStep), true
	case key.Matches(msg, k.Narrower):
		return a.moveSplit(-splitStep), true
	case key.Matches(msg, k.Mark):
		return a.setMark(), true
	case key.Matches(msg, k.Unmark):
		return a.forgetMark(), true
	case key.Matches(msg, k.NextPane):
		return a.activate(a.paneBeside(1)), true
	case key.Matches(msg, k.PreviousPane):
		return a.activate(a.paneBeside(-1)), true
	case key.Matches(msg, k.NextService):
		return a.services.Select(1), true
	case key.Matches(msg, k.PrevService):
		return a.services.Select(-1), true
	case key.Matches(msg, k.Reveal):
		return a.toggleReveal(), true
	case key.Matches(msg, k.Refresh):
		a.say("reading everything again")
		return a.refresh, true
	case key.Matches(msg, k.Back):
		return a.back(), true
	}
	if why := a.unable(msg); why != "" {
		a.say(why)
		return nil, true
	}
	return nil, false
}

// unable says why a key does nothing with this source; "" for all others.
func (a *App) unable(msg tea.KeyPressMsg) string {
	for _, b := range []struct {
		key key.Binding
		why string
	}{
		{a.keys.Record, "nothing can be recorded here: this only plays what was captured"},
		{a.keys.Try, "nothing can be tried here: this only plays what was captured"},
		{a.keys.TryAll, "nothing can be tried here: this only plays what was captured"},
		{a.keys.Edit, "there is no Compose file to edit: this only plays what was captured"},
		{a.keys.Export, "no plan can be made here"},
		{a.keys.Pane[planPane], "no plan can be made here"},
		{a.keys.Pane[logsPane], "there are no logs here"},
	} {
		if !b.key.Enabled() && slices.Contains(b.key.Keys(), msg.String()) {
			return b.why
		}
	}
	return ""
}

// splitStep is how far one key moves the line between the services and the pane.
const splitStep = 4

func (a *App) toggleReveal() tea.Cmd {
	a.reveal = !a.reveal
	said := "values are masked"
	if a.reveal {
		said = "values are shown, in the overview"
	}
	a.say(said)
	return a.show()
}

func (a *App) togglePreview() tea.Cmd {
	a.preview, a.previewed = !a.preview, true
	return a.arrange()
}

// export shows the file that the plans of all services make.
func (a *App) export() tea.Cmd {
	if a.stack == nil {
		return nil
	}
	return a.dialogs.show(pane.NewExport(a.can.planner, a.options.Files, a.stack, a.planning.off))
}

// copyName copies what the cursor is on, as the terminal allows it.
func (a *App) copyName() tea.Cmd {
	name := a.focussed().Named()
	if name == "" {
		a.say("there is nothing to copy here")
		return nil
	}
	a.say("copied " + clean.Line(name) + ", if the terminal allows it")
	return tea.SetClipboard(name)
}

// edit opens the file that declares the selected service, at its line.
func (a *App) edit() tea.Cmd {
	s := a.service()
	if s == nil || s.Declared == nil || s.Declared.File == "" {
		a.say("no Compose file declares this service")
		return nil
	}
	command, err := a.options.Edit(a.ctx, s.Declared.File, s.Declared.Line)
	if err != nil {
		a.say("✗ " + clean.Line(err.Error()))
		return nil
	}
	return tea.ExecProcess(command, func(err error) tea.Msg { return editedMsg{err} })
}

// editedMsg says that somebody has left the editor, or why there was none.
type editedMsg struct{ err error }

// takeEdited reads the files again: they are likely to be others.
func (a *App) takeEdited(msg editedMsg) tea.Cmd {
	if msg.err != nil {
		a.say("✗ " + clean.Line(msg.err.Error()))
		return nil
	}
	return a.refresh
}

func (a *App) refresh() tea.Msg {
	a.source.Refresh()
	return nil
}

// back leaves what is innermost: a filter, or the pane.
func (a *App) back() tea.Cmd {
	if a.focussed().Back() {
		return a.show()
	}
	if a.inside {
		a.zoomed = false
		return a.enter(false)
	}
	return nil
}

// focussed is the part that keys go to.
func (a *App) focussed() pane.Pane {
	if a.inside {
		return a.panes[a.active]
	}
	return a.services
}

// enter moves the focus into the pane or back to the services.
func (a *App) enter(inside bool) tea.Cmd {
	a.inside = inside
	a.services.SetFocus(!inside)
	for i, p := range a.panes {
		p.SetFocus(inside && i == a.active)
	}
	return a.arrange()
}

// paneBeside is the next pane, or the previous one, of those that the source can fill.
func (a *App) paneBeside(step int) int {
	i := a.active
	for {
		i = (i + step + len(a.panes)) % len(a.panes)
		if a.keys.Pane[i].Enabled() {
			return i
		}
	}
}

// activate brings another pane to the front.
func (a *App) activate(i int) tea.Cmd {
	if a.active == logsPane && i != logsPane {
		a.logs.Stop()
	}
	a.active = i
	// In one column the pane is only on screen with the focus in it.
	return a.enter(a.inside || a.layout().oneColumn())
}

func (a *App) quit() tea.Cmd {
	a.logs.Stop()
	a.dialogs.closeAll()
	return tea.Quit
}
