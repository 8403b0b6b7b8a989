package clean

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const ellipsis = "…"

// Fit cuts clean text to a width in cells, with an ellipsis where it was cut.
func Fit(s string, width int) string {
	if len(s) <= width { // a character never has more cells than bytes
		return s
	}
	return ansi.Truncate(s, max(width, 0), ellipsis)
}

// FitPath cuts a clean path to a width in cells. The file name stays as long as
// it can, then the directories nearest to it: …/uploads/2024/photo.jpg.
func FitPath(p string, width int) string {
	if len(p) <= width || ansi.StringWidth(p) <= width {
		return p
	}
	// A directory's closing slash belongs to its name.
	name := strings.LastIndexByte(strings.TrimSuffix(p, "/"), '/') + 1
	if name > 0 {
		tail := p[name-1:]
		if room := width - ansi.StringWidth(ellipsis) - ansi.StringWidth(tail); room >= 0 {
			for i := name - 1; i > 0; {
				i = strings.LastIndexByte(p[:i], '/')
				if i < 0 || ansi.StringWidth(ellipsis+p[i:]) > width {
					break
				}
				tail = p[i:]
			}
			return ellipsis + tail
		}
	}
	return FitMiddle(p[name:], width)
}

// FitMiddle cuts a clean name in its middle, so that its start and its end stay.
func FitMiddle(name string, width int) string {
	room := width - ansi.StringWidth(ellipsis)
	if room < 4 {
		return Fit(name, width)
	}
	whole := ansi.StringWidth(name)
	if whole <= width {
		return name
	}
	// A wide character on the cut stays, so the end may take a cell more.
	end := ansi.TruncateLeft(name, whole-room/2, "")
	return ansi.Truncate(name, room-ansi.StringWidth(end), "") + ellipsis + end
}
