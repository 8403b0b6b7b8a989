package draw

import (
	"sync"

	"github.com/go-fonts/dejavu/dejavusansmono"
	"github.com/go-fonts/dejavu/dejavusansmonobold"
	"github.com/go-fonts/dejavu/dejavusansmonoboldoblique"
	"github.com/go-fonts/dejavu/dejavusansmonooblique"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// face is one of the four cuts of the font.
type face uint8

const (
	bold   face = 1
	italic face = 2
)

// letter starts the names of a face's glyphs in the picture.
func (f face) letter() string { return "rbiz"[f : f+1] }

// fonts are the four cuts, read once: regular, bold, oblique, both.
var fonts = sync.OnceValue(func() (cuts [4]*sfnt.Font) {
	for f, file := range [4][]byte{
		dejavusansmono.TTF, dejavusansmonobold.TTF, dejavusansmonooblique.TTF, dejavusansmonoboldoblique.TTF,
	} {
		cut, err := sfnt.Parse(file)
		if err != nil {
			panic("the font of the pictures is damaged: " + err.Error()) // it is part of this program
		}
		cuts[f] = cut
	}
	return cuts
})

// The font in its own units: an em of 2048, of which a character advances 1233.
// At 16 pixels an em, and in cells of 10 pixels, text stands a little apart.
const (
	emUnits      = 2048
	advanceUnits = 1233
	emSize       = 16 * px
	bearing      = (cellWidth - advanceUnits*emSize/emUnits) / 2
)

// outline gives the shape of a character, its origin at the left end of the
// base line of its cell; false when the font lacks it.
func outline(f face, r rune) (string, bool) {
	var buf sfnt.Buffer
	cut := fonts()[f]
	index, err := cut.GlyphIndex(&buf, r)
	if err != nil || index == 0 {
		return "", false
	}
	// One pixel for each unit: the numbers are then those of the font, exactly.
	segments, err := cut.LoadGlyph(&buf, index, fixed.I(emUnits), nil)
	if err != nil {
		return "", false
	}
	var p path
	for _, s := range segments {
		switch a := s.Args; s.Op {
		case sfnt.SegmentOpMoveTo:
			p.move(glyphPoint(a[0]))
		case sfnt.SegmentOpLineTo:
			p.line(glyphPoint(a[0]))
		case sfnt.SegmentOpQuadTo: // the only curves of a TrueType font
			p.curve(glyphPoint(a[0]), glyphPoint(a[1]))
		}
	}
	return p.String(), true
}

// glyphPoint brings a point of the font into the picture's measure.
func glyphPoint(p fixed.Point26_6) point {
	scale := func(v fixed.Int26_6) length {
		const unit = 64 * emUnits // 26.6 numbers count in 64ths
		n := int(v) * int(emSize)
		if n < 0 {
			return length((n - unit/2) / unit)
		}
		return length((n + unit/2) / unit)
	}
	return point{bearing + scale(p.X), scale(p.Y)}
}
