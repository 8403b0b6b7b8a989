package theme

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"petrify/ui/row"
)

// Every text is readable on the backgrounds that terminals usually have, and
// what is locked recedes behind what can be written.
func TestContrast(t *testing.T) {
	for _, background := range []struct {
		name    string
		dark    bool
		r, g, b int
	}{
		{"black", true, 0, 0, 0},
		{"a dark grey", true, 0x1e, 0x1e, 0x1e},
		{"white", false, 0xff, 0xff, 0xff},
		{"a light grey", false, 0xf6, 0xf8, 0xfa},
	} {
		ground := luminance(background.r, background.g, background.b)
		contrasts := map[string]float64{}
		for name, paint := range paints(New(background.dark)) {
			var r, g, b int
			if !foreground(paint.Text("x"), &r, &g, &b) {
				continue
			}
			contrasts[name] = contrast(luminance(r, g, b), ground)
			least := 4.5 // WCAG's AA
			switch name {
			case "Rule", "PreviewText": // lines, and what has a background of its own
				continue
			case "Locked", "Faint", "Tab":
				least = 2.5
			}
			if contrasts[name] < least {
				t.Errorf("%s on %s has a contrast of %.1f, want %.1f", name, background.name, contrasts[name], least)
			}
		}
		if len(contrasts) < 15 {
			t.Errorf("only %d colours were looked at", len(contrasts))
		}
		if contrasts["Locked"] >= contrasts["Writable"] {
			t.Errorf("on %s what is locked is louder than what can be written", background.name)
		}
	}
}

// A paint that nobody set draws nothing of what it should tell.
func TestEveryPaintIsSet(t *testing.T) {
	for _, dark := range []bool{true, false} {
		for name, paint := range paints(New(dark)) {
			if painted := paint.Text("x") != "x"; painted == (name == "Plain") {
				t.Errorf("dark %v: %s paints %v", dark, name, painted)
			}
		}
	}
}

func paints(theme Theme) map[string]row.Paint {
	all := map[string]row.Paint{}
	value := reflect.ValueOf(theme)
	for i := range value.NumField() {
		if paint, ok := value.Field(i).Interface().(row.Paint); ok {
			all[value.Type().Field(i).Name] = paint
		}
	}
	return all
}

// foreground reads the colour of painted text.
func foreground(painted string, r, g, b *int) bool {
	for i := range painted {
		if n, _ := fmt.Sscanf(painted[i:], "38;2;%d;%d;%d", r, g, b); n == 3 {
			return true
		}
	}
	return false
}

func contrast(a, b float64) float64 {
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// luminance is how bright a colour of sRGB is.
func luminance(r, g, b int) float64 {
	linear := func(channel int) float64 {
		c := float64(channel) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
