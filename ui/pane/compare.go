package pane

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/aymanbagabas/go-udiff"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// Compare shows one changed file beside the image's original.
type Compare struct {
	canvas
	scroll
	KeyMap CompareKeyMap

	files     Files
	container string
	path      string
	cancel    context.CancelFunc

	answer *model.Comparison // nil while it is being read
	err    error
	diff   []string // lines of the unified diff, or of the file itself
}

// CompareKeyMap are the bindings of the comparison.
type CompareKeyMap struct {
	MoveKeys
	Close key.Binding
}

// newCompare returns a comparison that has not been read yet.
func newCompare(files Files, container, path string) *Compare {
	return &Compare{files: files, container: container, path: path, KeyMap: CompareKeyMap{DefaultMoveKeys(), closeKey()}}
}

// comparedMsg carries both versions.
type comparedMsg struct {
	asker  *Compare
	answer model.Comparison
	diff   []string
	err    error
}

// Title names the dialog.
func (p *Compare) Title() string { return "File beside the image's original" }

// Start asks for both versions; reading the image's can take a while, and so can
// comparing a million bytes with another million.
func (p *Compare) Start() tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	return func() tea.Msg {
		defer cancel()
		answer, err := p.files.Compare(ctx, p.container, p.path)
		return comparedMsg{p, answer, diffLines(&answer), err}
	}
}

// Close gives up on what is still being read.
func (p *Compare) Close() {
	if p.cancel != nil {
		p.cancel()
	}
}

// Keys are the bindings of the comparison.
func (p *Compare) Keys() []key.Binding {
	return append([]key.Binding{p.KeyMap.Close}, p.KeyMap.List()...)
}

// Update scrolls, and takes the answer.
func (p *Compare) Update(msg tea.Msg) (cmd tea.Cmd, done bool) {
	p.drawn = nil
	switch msg := msg.(type) {
	case comparedMsg:
		if msg.asker == p {
			p.answer, p.diff, p.err = &msg.answer, msg.diff, msg.err
		}
	case tea.MouseWheelMsg:
		p.scrollBy(wheel(msg))
	case tea.KeyPressMsg:
		p.text(msg, p.KeyMap.MoveKeys)
		return nil, key.Matches(msg, p.KeyMap.Close)
	}
	return nil, false
}

// Lines draws both headers and the visible part of the diff.
func (p *Compare) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	t := p.paint
	head := sheet{width: p.canvas.width, paint: t}
	head.add(head.row().Add(t.Strong, fitPath(p.path, max(p.canvas.width, 1))))
	switch {
	case p.answer == nil:
		head.prose(t.Faint, "Reading the file, and the image's original. The engine writes the image to its disk first, which can take a while. Esc gives up.")
	case p.err != nil:
		head.prose(t.Warn, clean.Line(p.err.Error()))
	default:
		p.side(&head, "image", p.answer.Original, "not in the image: the file was added")
		p.side(&head, "container", p.answer.Now, "gone: the file was deleted")
	}
	p.set(len(p.diff), p.canvas.height-len(head.lines))
	lines := head.lines
	from, until := p.visible()
	for _, line := range p.diff[from:until] {
		lines = append(lines, p.diffLine(line))
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

// side describes one version of the file.
func (p *Compare) side(head *sheet, label string, v model.Version, absent string) {
	t := p.paint
	switch {
	case v.Problem != "":
		head.fact(label, t.Warn, clean.Line(v.Problem))
	case !v.Exists:
		head.fact(label, t.Faint, absent)
	default:
		owner := clean.Line(v.Info.Owner)
		switch {
		case v.Info.OwnerUnknown:
			owner = "owner not known"
		case owner == "":
			owner = fmt.Sprintf("%d:%d", v.Info.UID, v.Info.GID)
		}
		text := fmt.Sprintf("%s %s, mode %04o, %s", bytesText(v.Info.Size), kindOfFile(v), v.Info.Mode, owner)
		if v.Info.Link != "" {
			text += " → " + clean.Path(v.Info.Link)
		}
		if v.Truncated {
			text += ", only its beginning is shown"
		}
		head.fact(label, t.Text, text)
	}
}

func (p *Compare) diffLine(line string) string {
	t := p.paint
	paint := t.Text
	switch both := p.answer.Original.Exists && p.answer.Now.Exists; {
	case !both:
	case strings.HasPrefix(line, "@@"):
		paint = t.Fresh
	case strings.HasPrefix(line, "+"):
		paint = t.Added
	case strings.HasPrefix(line, "-"):
		paint = t.Deleted
	default:
		paint = t.Faint
	}
	return row.New(p.canvas.width, t.Plain).Add(paint, line).String()
}

func kindOfFile(v model.Version) string {
	if v.Info.Type != model.Regular {
		return string(v.Info.Type)
	}
	if isText(v.Content) {
		return "of text"
	}
	return clean.Line(http.DetectContentType(v.Content))
}

// isText takes a file for text unless it has a zero byte near its start, as git does.
func isText(content []byte) bool {
	return bytes.IndexByte(content[:min(len(content), 8000)], 0) < 0
}

// diffLines gives the unified diff of two texts, or the text of the only one.
func diffLines(c *model.Comparison) []string {
	now, original := c.Now, c.Original
	shown := func(v model.Version) bool {
		return v.Exists && v.Problem == "" && v.Info.Type == model.Regular && isText(v.Content)
	}
	switch {
	case shown(now) && shown(original):
		diff := udiff.Unified("image", "container", string(original.Content), string(now.Content))
		if diff == "" {
			return []string{"the contents are the same: only the mode, the owner or the time changed"}
		}
		lines := clean.Lines(diff)
		return lines[min(2, len(lines)):] // the names are above already
	case shown(now):
		return clean.Lines(string(now.Content))
	case shown(original):
		return clean.Lines(string(original.Content))
	}
	return nil
}
