package ui

import tea "charm.land/bubbletea/v2"

// layout says which part of the screen has which lines and columns.
type layout struct {
	width, height int
	header        int // lines above the upper rule
	body          int // lines between the rules
	footer        int // lines below the upper rule's body: the lower rule and the keys
	list, pane    int // widths; a zero one is not on screen
}

// oneColumnBelow is the width under which services and pane take turns.
const oneColumnBelow = 100

func (l layout) oneColumn() bool { return l.width < oneColumnBelow }

// bodyTop is the first line of the list and of the pane.
func (l layout) bodyTop() int { return l.header + 1 }

// layout shares the screen. What is least needed goes first when it is low: the line below
// the panes, then the keys, then the header's lines from below.
func (a *App) layout() layout {
	l := layout{width: a.width, height: a.height}
	l.header = 2 + len(a.notices())
	l.footer = 2
	for l.height-l.header-l.footer-1 < 4 && l.footer+l.header > 1 {
		switch {
		case l.footer > 0:
			l.footer--
		default:
			l.header--
		}
	}
	l.body = max(l.height-l.header-l.footer-1, 0)
	switch {
	case a.zoomed && a.inside, l.oneColumn() && a.inside:
		l.pane = l.width
	case l.oneColumn():
		l.list = l.width
	default:
		l.list = min(max(a.listWidth+a.split, narrowestPart), l.width-narrowestPart)
		l.pane = l.width - l.list - 1
	}
	return l
}

// narrowestPart is how narrow the list and the pane can be made.
const narrowestPart = 24

// fitList makes the list as wide as its content, and reports whether that is another width.
func (a *App) fitList() bool {
	before := a.listWidth
	a.listWidth = a.services.Width(max(a.width*9/20, narrowestPart))
	return a.listWidth != before
}

// moveSplit makes the list wider, or the pane.
func (a *App) moveSplit(by int) tea.Cmd {
	if l := a.layout(); l.oneColumn() || l.list == 0 {
		a.say("there is nothing to move: the services and the pane take turns")
		return nil
	}
	before := a.layout().list
	a.split += by
	a.split = a.layout().list - a.listWidth // not beyond what the screen allows
	if a.layout().list == before {
		a.say("that is as far as it goes")
	}
	return a.arrange()
}

// zoom gives the pane the whole screen, or gives the services their part back.
func (a *App) zoom() tea.Cmd {
	if a.layout().oneColumn() {
		a.say("the pane has the whole screen already, when one looks inside")
		return nil
	}
	a.zoomed = !(a.zoomed && a.inside)
	return a.enter(a.zoomed || a.inside)
}

// resize takes the terminal's size.
func (a *App) resize(width, height int) tea.Cmd {
	a.width, a.height = width, height
	a.dialogs.setSize(width, height)
	return a.arrange()
}

// arrange gives every part its size, and shows what is selected.
func (a *App) arrange() tea.Cmd {
	a.size()
	return a.show()
}

// size gives every part its size.
func (a *App) size() {
	l := a.layout()
	a.services.SetSize(l.list, l.body)
	for _, p := range a.panes {
		p.SetSize(l.pane, l.body)
	}
}

// click finds the part under the mouse.
func (a *App) click(msg tea.MouseClickMsg) tea.Cmd {
	if a.dialogs.top() != nil {
		return a.dialogs.click(msg)
	}
	l := a.layout()
	if msg.Button != tea.MouseLeft {
		return nil
	}
	switch msg.Y {
	case l.header:
		if i := spanAt(a.tabs, msg.X); i >= 0 {
			return a.activate(i)
		}
	case stepsLine:
		if i := spanAt(a.stepSpans, msg.X); i >= 0 && l.header > stepsLine {
			return a.clickStep(i)
		}
	}
	line := msg.Y - l.bodyTop()
	if line < 0 || line >= l.body {
		return nil
	}
	if msg.X < l.list {
		return tea.Batch(a.enter(false), a.services.Click(line))
	}
	if l.pane == 0 {
		return nil
	}
	return tea.Batch(a.enter(true), a.panes[a.active].Click(line))
}

// wheel turns the part under the mouse.
func (a *App) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	if a.dialogs.top() != nil {
		return a.dialogs.press(msg)
	}
	if l := a.layout(); msg.X < l.list {
		return a.services.Update(msg)
	}
	return a.panes[a.active].Update(msg)
}
