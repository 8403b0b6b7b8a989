package draw

import (
	"fmt"
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// palette is what a terminal's settings decide: its own two colours and the 16
// that programs know by name only.
type palette struct {
	background, foreground color.RGBA
	named                  [16]color.RGBA
	frame                  color.RGBA // the window's hairline
	quiet                  color.RGBA // the title and the three dots
}

var dark = palette{
	background: hex(0x16181d),
	foreground: hex(0xd8dbe2),
	named: [16]color.RGBA{
		hex(0x2b2e37), hex(0xf0717a), hex(0x8fca7d), hex(0xe6c070),
		hex(0x6cb0f2), hex(0xc792e0), hex(0x5cc4c4), hex(0xc3c8d1),
		hex(0x6b7280), hex(0xff9096), hex(0xa9dd93), hex(0xf5d68d),
		hex(0x8fc6ff), hex(0xdaaef0), hex(0x80dada), hex(0xf4f6fa),
	},
	frame: hex(0x363a44),
	quiet: hex(0x7d8492),
}

var light = palette{
	background: hex(0xfcfbf9),
	foreground: hex(0x2b2e36),
	named: [16]color.RGBA{
		hex(0x2b2e36), hex(0xc4313b), hex(0x2f8132), hex(0x9a6700),
		hex(0x1763c0), hex(0x8a3ea8), hex(0x0d7680), hex(0xd4d6db),
		hex(0x7b818d), hex(0xd9434d), hex(0x3a9440), hex(0xb57d08),
		hex(0x2f7ade), hex(0xa152c2), hex(0x17909a), hex(0xffffff),
	},
	frame: hex(0xd5d3ce),
	quiet: hex(0x83868e),
}

func choose(opt Options) palette {
	p := light
	if opt.Dark {
		p = dark
	}
	p.background = p.resolve(opt.Background, p.background)
	p.foreground = p.resolve(opt.Foreground, p.foreground)
	return p
}

// resolve gives the colour that is seen for one that a program asked for, and
// otherwise where it asked for none.
func (p palette) resolve(c color.Color, otherwise color.RGBA) color.RGBA {
	switch c := c.(type) {
	case nil:
		return otherwise
	case ansi.BasicColor:
		return p.named[c%16]
	case ansi.IndexedColor:
		if c < 16 {
			return p.named[c]
		}
	}
	r, g, b, a := c.RGBA()
	if a == 0 { // SGR 38;1 asks for "transparent"
		return otherwise
	}
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
}

// mix lays percent of one colour over another.
func mix(over, under color.RGBA, percent int) color.RGBA {
	blend := func(a, b uint8) uint8 {
		return uint8((int(a)*percent + int(b)*(100-percent) + 50) / 100)
	}
	return color.RGBA{blend(over.R, under.R), blend(over.G, under.G), blend(over.B, under.B), 0xff}
}

func hex(rgb uint32) color.RGBA {
	return color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff}
}

// paint names a colour as SVG does.
func paint(c color.RGBA) string {
	if c.R%17 == 0 && c.G%17 == 0 && c.B%17 == 0 {
		return fmt.Sprintf("#%x%x%x", c.R/17, c.G/17, c.B/17)
	}
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}
