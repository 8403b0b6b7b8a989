package pane

import (
	"cmp"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Mounts lists every mount of the selected service, declared beside live, with
// all that is known of the selected one below.
type Mounts struct {
	canvas
	scroll
	KeyMap MountsKeyMap

	rows     []model.MountPair // the root first
	detail   detail
	selected string // by target
}

// NewMounts returns an empty list.
func NewMounts() *Mounts {
	return &Mounts{KeyMap: MountsKeyMap{DefaultMoveKeys(), defaultDetailKeys()}}
}

// MountsKeyMap are the bindings of the mounts.
type MountsKeyMap struct {
	MoveKeys
	DetailKeys
}

// Show takes a newer subject. The selection stays with its target.
func (p *Mounts) Show(s Subject) tea.Cmd {
	if name(s.Service) != name(p.subject.Service) {
		p.scroll, p.selected = scroll{}, ""
	}
	p.subject, p.drawn = s, nil
	p.arrange()
	return nil
}

func (p *Mounts) arrange() {
	p.rows = p.rows[:0]
	if s := p.subject.Service; s != nil {
		p.rows = append(p.rows, model.MountPair{Target: "/"})
		p.rows = append(p.rows, s.Mounts...)
		p.rows = append(p.rows, p.planned()...)
		slices.SortStableFunc(p.rows, func(a, b model.MountPair) int { return cmp.Compare(a.Target, b.Target) })
	}
	p.set(len(p.rows), p.listHeight())
	for i := range p.rows {
		if p.rows[i].Target == p.selected {
			p.to(i)
		}
	}
	p.remember()
}

// planned are the mounts of the plan, shown among the real ones in the preview.
// Neither side has them.
func (p *Mounts) planned() []model.MountPair {
	plan := p.subject.Plan.Current
	if !p.subject.Preview || plan == nil {
		return nil
	}
	pairs := make([]model.MountPair, len(plan.Mounts))
	for i := range plan.Mounts {
		pairs[i] = model.MountPair{Target: plan.Mounts[i].Target}
	}
	return pairs
}

func (p *Mounts) remember() {
	if len(p.rows) > 0 {
		p.selected = p.rows[p.cursor].Target
	}
	p.drawn = nil
}

// SetSize fits the list into its part of the screen.
func (p *Mounts) SetSize(width, height int) {
	p.canvas.SetSize(width, height)
	p.set(len(p.rows), p.listHeight())
}

// listHeight leaves room for the title and for the details of the selected mount.
func (p *Mounts) listHeight() int {
	room := p.canvas.height - 1
	if details := min(room/2, 11); room > 8 {
		return min(len(p.rows), room-details)
	}
	return room
}

// Update moves the selection.
func (p *Mounts) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.to(p.cursor + wheel(msg))
	case tea.KeyPressMsg:
		if !p.detail.press(msg, p.KeyMap.DetailKeys) && !p.key(msg, p.KeyMap.MoveKeys) {
			return nil
		}
	default:
		return nil
	}
	p.remember()
	return nil
}

// Click selects a mount.
func (p *Mounts) Click(line int) tea.Cmd {
	if at := p.top + line - 1; line >= 1 && line <= p.scroll.height && at < len(p.rows) {
		p.to(at)
		p.remember()
	}
	return nil
}

// Named is the target of the selected mount.
func (p *Mounts) Named() string { return p.selected }

// Keys are the bindings of the list.
func (p *Mounts) Keys() []key.Binding { return append(p.KeyMap.List(), p.KeyMap.Details()...) }

// Lines draws the list and what is known of the selected mount.
func (p *Mounts) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	c := fitMounts(p.canvas.width, p.rows)
	lines := []string{row.New(p.canvas.width, p.paint.Plain).Space(2).
		Cell(p.paint.Faint, "target", c.target).
		Cell(p.paint.Faint, "declared", c.side).
		Cell(p.paint.Faint, "live", c.side).
		Add(p.paint.Faint, "source").String()}
	from, until := p.visible()
	for i := from; i < until; i++ {
		lines = append(lines, p.line(c, p.rows[i], i == p.cursor))
	}
	if len(p.rows) > 0 && p.canvas.height > len(lines)+2 {
		lines = append(lines, p.divider(len(p.rows)-until))
		lines = append(lines, p.detail.window(p.selected, p.details(p.rows[p.cursor]), p.canvas.height-len(lines), p.KeyMap.DetailKeys, p.paint)...)
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

// mountColumns are the widths of the columns: each of the two sides has one.
type mountColumns struct{ target, side int }

func fitMounts(width int, rows []model.MountPair) mountColumns {
	c := mountColumns{side: 9}
	longest := 8
	for i := range rows {
		longest = max(longest, row.Width(clean.Path(rows[i].Target)))
	}
	c.target = max(min(longest+2, (width-2*c.side)*3/5), 8)
	return c
}

func (p *Mounts) line(c mountColumns, pair model.MountPair, chosen bool) string {
	t := p.paint
	r := p.start(chosen).Space(1)
	if pair.Target == "/" {
		word, paint := rootWord(p.subject.Service, t, p.subject.Preview)
		return r.Cell(paint, "/", c.target).
			Cell(paint, declaredRoot(p.subject.Service, p.subject.Preview), c.side).
			Cell(paint, liveRoot(p.subject.Service, word), c.side).
			Add(t.Faint, p.rootText()).String()
	}
	m := pair.Current()
	if m == nil {
		return p.plannedLine(r, c, pair.Target).String()
	}
	_, paint := accessText(m, t)
	r.Cell(paint, fitPath(pair.Target, c.target-1), c.target)
	for _, side := range []*model.Mount{pair.Declared, pair.Live} {
		word, paint := accessText(side, t)
		r.Cell(paint, word, c.side)
	}
	if len(pair.Faults) > 0 {
		r.Add(t.Alarm, "✗ ")
	}
	if pair.Risk != "" {
		r.Add(riskPaint(pair, t), "! ")
	}
	if word := pairingText(p.subject.Service, pair); word != "" {
		r.Add(t.Warn, word+" ")
	}
	return r.Add(t.Faint, clean.FitPath(sourceText(m, p.subject.Stack), r.Left())).String()
}

func (p *Mounts) plannedLine(r *row.Row, c mountColumns, target string) *row.Row {
	t := p.paint
	r.Cell(t.Preview, fitPath(target, c.target-1), c.target).Cell(t.Preview, "planned", 2*c.side)
	if m, ok := p.subject.Plan.Current.Takes(target); ok {
		r.Add(t.Faint, string(m.Kind)+", "+servesText(m))
	}
	return r
}

func (p *Mounts) rootText() string {
	switch {
	case p.subject.Service.Root() == model.RootReadOnly:
		return "read-only already"
	case p.subject.Preview:
		return "would be read-only"
	default:
		return "the image, writable"
	}
}

// accessText says what one side of a mount allows: what can be written is loud.
func accessText(m *model.Mount, t theme.Theme) (string, row.Paint) {
	switch {
	case m == nil:
		return "-", t.Faint
	case m.Access() == model.MountCopied:
		return "cp", t.Locked
	case m.Access() == model.MountReadOnly:
		return "ro", t.Locked
	default:
		return "rw", t.Writable
	}
}

// declaredRoot and liveRoot give the two sides of the root.
func declaredRoot(s *model.Service, preview bool) string {
	switch {
	case s.Declared == nil:
		return "-"
	case s.Declared.ReadOnly:
		return "ro"
	case preview:
		return "ro*"
	default:
		return "rw"
	}
}

func liveRoot(s *model.Service, word string) string {
	if len(s.Containers) == 0 {
		return "-"
	}
	return word
}

// riskPaint sets a severe risk apart from one that is only worth knowing.
func riskPaint(pair model.MountPair, t theme.Theme) row.Paint {
	if pair.Severe() {
		return t.Alarm
	}
	return t.Warn
}

// pairingText marks a mount of which both sides should know, and do not.
func pairingText(s *model.Service, pair model.MountPair) string {
	if s.Pairing(pair) != model.PairingFits {
		return "≠"
	}
	return ""
}

// sourceText says where a mount comes from.
func sourceText(m *model.Mount, stack *model.Stack) string {
	switch {
	case m.Kind == model.Tmpfs && m.Options == "":
		return "memory"
	case m.Kind == model.Tmpfs:
		return "memory, " + clean.Line(m.Options)
	case m.Kind == model.Volume && m.FromImage:
		return "of the image's VOLUME"
	case m.Kind == model.Volume && m.Anonymous:
		return "volume without a name"
	case m.Kind == model.Volume:
		return "volume " + clean.Line(strings.TrimPrefix(m.Source, stack.Name+"_"))
	case m.Kind == model.Bind:
		return "host " + clean.Path(m.Source)
	default:
		return clean.Line(string(m.Kind) + " " + m.Source)
	}
}

// details says all that is known of one mount.
func (p *Mounts) details(pair model.MountPair) []string {
	t := p.paint
	d := sheet{width: p.canvas.width, indent: 2, paint: t}
	if pair.Target == "/" {
		d.prose(t.Text, "The root is the image with a writable layer above it. What is written here is gone with the container, and shows in the changes (key 3).")
		d.prose(t.Faint, "Always writable besides, also under a read-only root: "+strings.Join(model.AlwaysWritable, ", ")+".")
		return d.lines
	}
	d.prose(t.Strong, clean.Path(pair.Target))
	if pair.Current() == nil {
		if m, ok := p.subject.Plan.Current.Takes(pair.Target); ok {
			d.prose(t.Text, clean.Line(m.Reason))
			d.prose(t.Faint, "Planned: nothing was changed. The plan (key 4) has all of it.")
		}
		return d.lines
	}
	for _, fault := range pair.Faults {
		d.prose(t.Alarm, "✗ "+clean.Line(fault.Text))
		if fault.Set != "" {
			d.fact("set", t.Text, clean.Line(fault.Set))
		}
		if fault.Advice != "" {
			d.fact("mend", t.Text, clean.Line(fault.Advice))
		}
	}
	if pair.Risk != "" {
		d.prose(riskPaint(pair, t), "! "+clean.Line(string(pair.Risk)))
	}
	d.fact("declared", t.Text, p.mountText(pair.Declared, "not in the Compose files"))
	d.fact("live", t.Text, p.mountText(pair.Live, "no container has it"))
	m := pair.Current()
	if m.Anonymous {
		d.fact("volume", t.Text, clean.Line(m.Source))
	}
	if p.subject.Preview && m.Writable() {
		d.fact("preview", t.Preview, "stays writable under a read-only root")
	}
	if len(pair.Users) > 0 {
		d.add(d.row().Add(t.Faint, "also mounted by"))
	}
	for _, u := range pair.Users {
		d.add(p.user(d.row(), u))
	}
	return d.lines
}

func (p *Mounts) mountText(m *model.Mount, none string) string {
	if m == nil {
		return none
	}
	access := "can be written"
	switch m.Access() {
	case model.MountCopied:
		access = "copied into the root: no mount"
	case model.MountReadOnly:
		access = "read-only"
	}
	return sourceText(m, p.subject.Stack) + ", " + access
}

// user says what another container does with the same volume or host path.
func (p *Mounts) user(r *row.Row, u model.VolumeUse) *row.Row {
	word, paint := "reads", p.paint.Locked
	if !u.Mount.ReadOnly {
		word, paint = "writes", p.paint.Writable
	}
	who := u.Name(p.subject.Stack.Name)
	r.Space(2).Cell(paint, word, 7).Add(p.paint.Text, clean.Line(who)).Add(p.paint.Faint, " at "+clean.Path(u.Mount.Target))
	if !u.Running {
		r.Add(p.paint.Faint, " (not running)")
	}
	return r
}
