package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"

	"github.com/charmbracelet/x/ansi"
)

// The measures of a window.
const (
	padding  = 18 * px // between its edge and the text
	titleBar = 38 * px
	corner   = 10 * px

	// The three dots in the title bar.
	dotRadius = 11 * px / 2
	dotStep   = 20 * px
	dotsEnd   = padding + 2*dotRadius + 2*dotStep

	// The title is smaller than the text, in tenths.
	titleTenths = 8
	titleCell   = cellWidth * titleTenths / 10

	// Around it is room for its shadow, which falls downwards.
	marginTop, marginSide, marginBottom = 12 * px, 22 * px, 34 * px
)

// picture is a window, with the pages that are seen in it one after the other.
type picture struct {
	palette
	columns, rows int
	title         string
	pages         []page
	seconds       []int
	shapes        map[string]string
}

// svg writes the whole picture.
func (p *picture) svg() []byte {
	wide := length(p.columns)*cellWidth + 2*padding
	high := length(p.rows)*cellHeight + titleBar + padding
	title, titleWidth := p.drawTitle(wide)

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%v" height="%v" viewBox="0 0 %[1]v %[2]v" role="img">`+"\n",
		wide+2*marginSide, high+marginTop+marginBottom)
	if p.title != "" {
		b.WriteString("<title>")
		_ = xml.EscapeText(&b, []byte(p.title)) // a bytes.Buffer takes everything
		b.WriteString("</title>\n")
	}
	p.writeShapes(&b)
	p.writeTimes(&b)

	fmt.Fprintf(&b, `<g transform="translate(%v %v)">`+"\n", marginSide, marginTop)
	fmt.Fprintf(&b, `<rect y="8" width="%v" height="%v" rx="%v" opacity=".3" filter="url(#shadow)"/>`+"\n", wide, high, corner)
	fmt.Fprintf(&b, `<rect x=".5" y=".5" width="%v" height="%v" rx="%v" fill="%s" stroke="%s"/>`+"\n",
		wide-px, high-px, corner, paint(p.background), paint(p.frame))
	fmt.Fprintf(&b, `<g fill="%s">`, paint(p.frame))
	for i := range length(3) {
		fmt.Fprintf(&b, `<circle cx="%v" cy="%v" r="%v"/>`, padding+dotRadius+i*dotStep, titleBar/2, dotRadius)
	}
	b.WriteString("</g>\n")

	if titleWidth > 0 {
		fmt.Fprintf(&b, `<g transform="translate(%v %v) scale(.%d)">`+"\n",
			(wide-titleWidth)/2, (titleBar-cellHeight*titleTenths/10)/2, titleTenths)
		title.write(&b)
		b.WriteString("</g>\n")
	}
	fmt.Fprintf(&b, `<g transform="translate(%v %v)">`+"\n", padding, titleBar)
	for i := range p.pages {
		if len(p.pages) > 1 {
			fmt.Fprintf(&b, `<g class="page page%d">`+"\n", i)
		}
		p.pages[i].write(&b)
		if len(p.pages) > 1 {
			b.WriteString("</g>\n")
		}
	}
	b.WriteString("</g>\n</g>\n</svg>\n")
	return b.Bytes()
}

// writeTimes says when each page is seen. Who wants no movement sees the first one.
func (p *picture) writeTimes(b *bytes.Buffer) {
	if len(p.pages) < 2 {
		return
	}
	all, before := 0, 0
	for _, seconds := range p.seconds {
		all += seconds
	}
	b.WriteString("<style>\n.page{visibility:hidden}.page0{visibility:visible}\n@media(prefers-reduced-motion:no-preference){\n")
	for i, seconds := range p.seconds {
		fmt.Fprintf(b, "@keyframes page%d{%.2f%%{visibility:visible}%.2f%%,100%%{visibility:hidden}}\n",
			i, 100*float64(before)/float64(all), 100*float64(before+seconds)/float64(all))
		fmt.Fprintf(b, ".page%d{animation:page%[1]d %ds step-end infinite}\n", i, all)
		before += seconds
	}
	b.WriteString("}\n</style>\n")
}

// drawTitle gives the title as a page of one row, and its width. It ends before
// the dots, and as far from the other side.
func (p *picture) drawTitle(wide length) (page, length) {
	text := ansi.Truncate(ansi.Strip(p.title), int(max(0, wide-2*dotsEnd-2*padding)/titleCell), "…")
	columns := ansi.StringWidth(text)
	title := page{palette: p.palette, marks: make([][]mark, 1), shapes: p.shapes}
	for _, c := range read(text, columns, 1, p.palette) {
		c.fore = p.quiet
		title.add(c)
	}
	return title, length(columns) * titleCell
}

// write writes what is on a page, the grounds first.
func (p *page) write(b *bytes.Buffer) {
	if len(p.back) > 0 {
		// Without smooth edges, grounds that meet show no line between them when
		// a viewer scales the picture.
		b.WriteString(`<g shape-rendering="crispEdges">` + "\n")
		writeRects(b, merge(p.back))
		b.WriteString("</g>\n")
	}
	writeRects(b, merge(p.fore))
	for y, marks := range p.marks {
		writeMarks(b, length(y)*cellHeight+baseline, marks)
	}
}

// writeShapes defines every shape once, in the order of their names.
func (p *picture) writeShapes(b *bytes.Buffer) {
	b.WriteString(`<defs>` + "\n" + `<filter id="shadow" x="-5%" y="-5%" width="110%" height="115%"><feGaussianBlur stdDeviation="9"/></filter>` + "\n")
	for _, name := range slices.Sorted(maps.Keys(p.shapes)) {
		fmt.Fprintf(b, `<path id="%s" d="%s"/>`+"\n", name, p.shapes[name])
	}
	b.WriteString("</defs>\n")
}

// writeMarks writes a row of marks, those of one colour together.
func writeMarks(b *bytes.Buffer, y length, marks []mark) {
	if len(marks) == 0 {
		return
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return compareColours(a.fill, b.fill) })
	fmt.Fprintf(b, `<g transform="translate(0 %v)">`, y)
	for len(marks) > 0 {
		fill := marks[0].fill
		fmt.Fprintf(b, `<g fill="%s">`, paint(fill))
		for len(marks) > 0 && marks[0].fill == fill {
			fmt.Fprintf(b, `<use href="#%s" x="%v"/>`, marks[0].shape, marks[0].x)
			marks = marks[1:]
		}
		b.WriteString("</g>")
	}
	b.WriteString("</g>\n")
}
