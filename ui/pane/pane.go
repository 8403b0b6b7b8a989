// Package pane holds the panes of the inspector, one a file, each in the grammar
// of a bubble: New, SetSize, Update, Lines and a KeyMap.
package pane

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/model/stack"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Pane is what the frame needs of the part that it shows.
type Pane interface {
	SetSize(width, height int)
	SetTheme(theme.Theme)
	SetFocus(bool)
	Show(Subject) tea.Cmd
	Update(tea.Msg) tea.Cmd
	// Lines returns exactly as many lines as the pane is high, each exactly as
	// wide as the pane. They are drawn anew only after something changed.
	Lines() []string
	// Keys are the bindings that the pane answers to, for the help.
	Keys() []key.Binding
	// Signs are what its signs mean, for the help.
	Signs() []string
	// Click selects the line at a row of the pane; again opens it.
	Click(row int) tea.Cmd
	// Typing reports whether the pane takes every key as text.
	Typing() bool
	// Named is what the pane's cursor is on: a path, or a service; "" for nothing.
	Named() string
	// Back leaves what is open inside the pane; false when nothing is.
	Back() bool
}

// Subject is what the panes show: the selected service of a stack.
type Subject struct {
	Stack   *model.Stack
	Service *model.Service // nil while there is none
	Tree    *ChangeTree    // its changes by directory; nil until they are known
	Mark    *stack.Mark    // to compare with; nil without one
	Plan    Planned        // its plan, as far as it was asked for
	// Verdicts are the second ones, by service; nil while nobody asked for plans. A
	// service that is missing is still planned for.
	Verdicts map[string]model.Planned
	Preview  bool // as if the root were read-only
	Now      time.Time
	Zone     *time.Location
	Reveal   bool // show environment values
}

// Planned is the plan of the selected service. Without Err, a nil plan is still
// being made.
type Planned struct {
	Full    *model.Plan     // as it was made
	Current *model.Plan     // without the mounts that somebody left out
	Off     map[string]bool // those mounts, by target
	Err     error
}

// canvas is the part that all panes share: their size, colours and last drawing.
type canvas struct {
	width, height int
	paint         theme.Theme
	focus         bool
	subject       Subject
	drawn         []string // nil when something changed since
}

func (c *canvas) SetSize(width, height int) {
	if c.width != width || c.height != height {
		c.width, c.height, c.drawn = width, height, nil
	}
}

func (c *canvas) SetTheme(t theme.Theme) { c.paint, c.drawn = t, nil }

func (c *canvas) SetFocus(focus bool) {
	if c.focus != focus {
		c.focus, c.drawn = focus, nil
	}
}

func (c *canvas) Named() string { return name(c.subject.Service) }

func (c *canvas) Typing() bool { return false }

func (c *canvas) Back() bool { return false }

// start begins a line of a list, with a pointer on the chosen one.
func (c *canvas) start(chosen bool) *row.Row {
	base, pointer := c.paint.Plain, " "
	if chosen {
		base, pointer = c.paint.Unfocussed, "›"
		if c.focus {
			base, pointer = c.paint.Selected, "▌"
		}
	}
	return row.New(c.width, base).Add(c.paint.Brand, pointer)
}

// divider stands between a list and the details of its chosen line, and says how many more
// lines the list has below.
func (c *canvas) divider(more int) string {
	r := row.New(c.width, c.paint.Plain).Space(1)
	if more > 0 {
		r.Add(c.paint.Rule, "╌╌ ").Add(c.paint.Faint, fmt.Sprintf("↓ %d more ", more))
	}
	return r.Add(c.paint.Rule, strings.Repeat("╌", max(r.Left()-1, 0))).String()
}
