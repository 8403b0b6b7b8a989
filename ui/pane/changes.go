package pane

import (
	"context"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
)

// Files reads files of containers; it is all that the changes need of a source.
type Files interface {
	Stat(ctx context.Context, container string, paths []string) ([]model.FileInfo, error)
	Compare(ctx context.Context, container, path string) (model.Comparison, error)
}

// Changes shows the changed paths of the selected service as a tree.
type Changes struct {
	canvas
	scroll
	KeyMap ChangesKeyMap

	files  Files
	tree   *ChangeTree      // what is shown: the subject's, or what the filter lets through
	folds  map[string]folds // by service, so that coming back finds them as they were
	lines  []changeLine
	chosen string                         // path under the cursor
	reveal struct{ service, path string } // that the cursor goes to when it is in the tree

	filter    textinput.Model
	filtering int         // generation of the filter, so that late answers are dropped
	narrowed  *ChangeTree // nil until the filter was answered
	narrowTo  string      // the text that narrowed has
	found     folds       // of the narrowed tree, as long as the text stays

	infos infoCache
}

// ChangesKeyMap are the bindings of the tree.
type ChangesKeyMap struct {
	MoveKeys
	Open, Close, Enter, Filter key.Binding
}

// NewChanges returns an empty tree over a source of files; nil where none can be read.
func NewChanges(files Files) *Changes {
	move := DefaultMoveKeys()
	return &Changes{
		files:  files,
		folds:  map[string]folds{},
		filter: newFilter(),
		KeyMap: ChangesKeyMap{
			MoveKeys: move,
			Open:     key.NewBinding(key.WithKeys("right", "l"), key.WithHelp("→/l", "open directory")),
			Close:    key.NewBinding(key.WithKeys("left", "h"), key.WithHelp("←/h", "close directory")),
			Enter:    key.NewBinding(key.WithKeys("enter"), key.WithHelp("enter", "open, or compare with the image")),
			Filter:   key.NewBinding(key.WithKeys("/"), key.WithHelp("/", "filter")),
		},
	}
}

// Keys are the bindings of the tree.
func (p *Changes) Keys() []key.Binding {
	return append([]key.Binding{p.KeyMap.Enter, p.KeyMap.Filter, p.KeyMap.Open, p.KeyMap.Close}, p.KeyMap.List()...)
}

// Show takes a newer subject. The cursor stays on its path.
func (p *Changes) Show(s Subject) tea.Cmd {
	before := p.subject
	p.subject, p.drawn = s, nil
	if name(s.Service) != name(before.Service) {
		p.scroll, p.chosen = scroll{}, ""
		p.infos.forget()
		p.filter.Reset()
		p.filter.Blur()
		p.narrowed = nil
	}
	if s.Tree == before.Tree {
		return p.ask()
	}
	if s.Tree == nil {
		p.infos.forget()
	}
	p.infos.bound()
	if s.Tree != nil && p.filter.Value() != "" {
		p.arrange()
		return p.narrow()
	}
	p.arrange()
	return p.ask()
}

// arrange lists the visible lines anew and finds the cursor's path in them.
func (p *Changes) arrange() {
	p.drawn = nil
	p.tree = p.subject.Tree
	if p.filter.Value() != "" && p.narrowed != nil {
		p.tree = p.narrowed
	}
	p.lines = p.lines[:0]
	if p.tree != nil {
		p.unfold()
		p.openTo()
		p.lines = p.openFolds().lines(p.tree.Tree, p.lines)
	}
	p.set(len(p.lines), p.treeHeight())
	if at := p.find(p.chosen); at >= 0 {
		p.to(at)
	}
	p.remember()
}

// Reveal puts the cursor on a path of a service, as soon as that is shown.
func (p *Changes) Reveal(service, path string) {
	p.reveal.service, p.reveal.path = service, path
	p.filter.Reset()
	p.narrowed = nil
	p.arrange()
}

// openTo opens the directories above the path that is to be revealed.
func (p *Changes) openTo() {
	if p.reveal.path == "" || p.reveal.service != name(p.subject.Service) || p.filtered() {
		return
	}
	if _, there := p.tree.Find(p.reveal.path); !there {
		return
	}
	p.chosen = p.reveal.path
	for above := model.Parent(p.reveal.path); above != "/" && above != "."; above = model.Parent(above) {
		p.openFolds()[above] = true
	}
	p.reveal.path = ""
}

// openFolds returns the folds of what is shown: a filter's result has its own.
func (p *Changes) openFolds() folds {
	if p.filtered() {
		return p.found
	}
	return p.folds[name(p.subject.Service)]
}

// unfold opens what is new in the tree, as far as it fits.
func (p *Changes) unfold() {
	service := name(p.subject.Service)
	if p.folds[service] == nil {
		p.folds[service] = folds{}
	}
	p.openFolds().openFor(p.tree.Tree, linesOpened)
}

// filtered reports whether what is shown is what a filter let through.
func (p *Changes) filtered() bool { return p.tree != nil && p.tree == p.narrowed }

// linesOpened is how many lines a tree opens by itself.
const linesOpened = 60

// find returns the line of a path, or of the directory nearest above it.
func (p *Changes) find(path string) int {
	if path == "" || p.tree == nil {
		return -1
	}
	best, bestLen := -1, 0
	for i, line := range p.lines {
		at := p.tree.Path(line.node)
		if at == path {
			return i
		}
		if len(at) > bestLen && len(path) > len(at) && path[:len(at)] == at && path[len(at)] == '/' {
			best, bestLen = i, len(at)
		}
	}
	return best
}

func (p *Changes) remember() {
	if p.cursor < len(p.lines) {
		p.chosen = p.tree.Path(p.lines[p.cursor].node)
	}
	p.drawn = nil
}

// SetSize fits the tree into its part of the screen.
func (p *Changes) SetSize(width, height int) {
	p.canvas.SetSize(width, height)
	p.set(len(p.lines), p.treeHeight())
}

// treeHeight leaves a line for the summary and one for a filter.
func (p *Changes) treeHeight() int {
	height := p.canvas.height - 1
	if p.filter.Focused() || p.filter.Value() != "" {
		height--
	}
	return max(height-p.historyHeight(), 0)
}

// Named is the path under the cursor.
func (p *Changes) Named() string { return p.chosen }

// Typing reports whether a filter is being typed.
func (p *Changes) Typing() bool { return p.filter.Focused() }

// Back clears the filter.
func (p *Changes) Back() bool {
	if !p.filter.Focused() && p.filter.Value() == "" {
		return false
	}
	p.filter.Reset()
	p.filter.Blur()
	p.narrowed = nil
	p.arrange()
	return true
}

// narrowedMsg carries the tree that a filter lets through.
type narrowedMsg struct {
	generation int
	text       string
	tree       *ChangeTree
}

// narrow filters in a command: there may be a million paths.
func (p *Changes) narrow() tea.Cmd {
	p.filtering++
	generation, tree, text := p.filtering, p.subject.Tree, p.filter.Value()
	if tree == nil || text == "" {
		p.narrowed = nil
		p.arrange()
		return nil
	}
	return func() tea.Msg { return narrowedMsg{generation, text, tree.filtered(text)} }
}

// Update answers to keys, the wheel and what was asked for.
func (p *Changes) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case narrowedMsg:
		if msg.generation == p.filtering && p.filter.Value() != "" {
			if p.narrowed == nil || msg.text != p.narrowTo {
				p.found = folds{}
			}
			p.narrowed, p.narrowTo = msg.tree, msg.text
			p.arrange()
		}
	case infosMsg:
		p.infos.take(msg)
		p.drawn = nil
	case tea.MouseWheelMsg:
		p.to(p.cursor + wheel(msg))
		p.remember()
	case tea.KeyPressMsg:
		return tea.Batch(p.press(msg), p.ask())
	}
	return p.ask()
}

func (p *Changes) press(msg tea.KeyPressMsg) tea.Cmd {
	p.drawn = nil
	if p.filter.Focused() {
		return p.pressFilter(msg)
	}
	switch {
	case key.Matches(msg, p.KeyMap.Filter):
		p.filter.Focus() // its blinking is not wanted: nothing is drawn while nothing happens
		p.set(len(p.lines), p.treeHeight())
	case key.Matches(msg, p.KeyMap.Enter):
		return p.enter()
	case key.Matches(msg, p.KeyMap.Open):
		p.fold(true)
	case key.Matches(msg, p.KeyMap.Close):
		p.close()
	case p.key(msg, p.KeyMap.MoveKeys):
		p.remember()
	}
	return nil
}

func (p *Changes) pressFilter(msg tea.KeyPressMsg) tea.Cmd {
	before := p.filter.Value()
	typeInto(&p.filter, msg)
	p.arrange()
	if p.filter.Value() == before {
		return nil
	}
	return p.narrow()
}

// enter opens a file beside its original, or folds a directory.
func (p *Changes) enter() tea.Cmd {
	if p.cursor >= len(p.lines) {
		return nil
	}
	n := p.lines[p.cursor].node
	if !p.tree.HasChildren(n) && p.container(n) == "" {
		return nil // no writable layer has it: its history says why
	}
	if p.tree.HasChildren(n) {
		p.fold(!p.openFolds()[p.tree.Path(n)])
		return nil
	}
	if p.files == nil {
		return nil
	}
	return showDialog(newCompare(p.files, p.container(n), p.tree.Path(n)))
}

// container is the ID of the first container that holds a path.
func (p *Changes) container(n model.Node) string {
	changes := p.subject.Service.Changes
	for _, i := range p.tree.Holders(n) {
		if i < len(changes) {
			return changes[i].Container
		}
	}
	return ""
}

// fold opens or closes the directory under the cursor.
func (p *Changes) fold(open bool) {
	if p.cursor >= len(p.lines) {
		return
	}
	if n := p.lines[p.cursor].node; p.tree.HasChildren(n) {
		p.openFolds()[p.tree.Path(n)] = open
		p.arrange()
	}
}

// close folds the directory under the cursor or else the one that holds it.
func (p *Changes) close() {
	if p.cursor >= len(p.lines) {
		return
	}
	line := p.lines[p.cursor]
	if p.openFolds()[p.tree.Path(line.node)] {
		p.fold(false)
		return
	}
	for at := p.cursor - 1; at >= 0; at-- {
		if p.lines[at].depth < line.depth {
			p.to(at)
			p.remember()
			return
		}
	}
}

// Click selects a line; on the selected one it opens it.
func (p *Changes) Click(line int) tea.Cmd {
	at := p.top + line - (p.canvas.height - p.treeHeight())
	if at < p.top || at >= len(p.lines) {
		return nil
	}
	if at == p.cursor {
		return tea.Batch(p.enter(), p.ask())
	}
	p.to(at)
	p.remember()
	return p.ask()
}

// ask reads what is not known yet of the visible paths, one request at a time.
func (p *Changes) ask() tea.Cmd {
	if p.tree == nil || p.subject.Service == nil || p.files == nil {
		return nil
	}
	from, until := p.visible()
	wanted := map[string][]string{}
	for _, line := range p.lines[from:until] {
		kind, own := p.tree.Own(line.node)
		if !own || kind == model.Deleted {
			continue
		}
		container := p.container(line.node)
		if path := p.tree.Path(line.node); container != "" && p.infos.wants(path, p.tree.Taken) {
			wanted[container] = append(wanted[container], path)
		}
	}
	return p.infos.ask(p.files, wanted, p.tree.Taken)
}
