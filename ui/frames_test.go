package ui

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
	"petrify/model/stack"
)

// Every pane and dialog at the sizes that people have: a small window, the smallest usual
// terminal, and two larger ones.
func TestPanesAndDialogs(t *testing.T) {
	regular := model.FileInfo{Type: model.Regular, Mode: 0o644, Owner: "root", Size: 12}
	index := model.Comparison{
		Path:     "/var/www/html/index.php",
		Now:      model.Version{Exists: true, Info: regular, Content: []byte("<?php\nevil();\n")},
		Original: model.Version{Exists: true, Info: regular, Content: []byte("<?php\ngood();\n")},
	}
	for _, size := range [][2]int{{60, 18}, {80, 24}, {100, 30}, {160, 45}} {
		for _, shown := range []struct{ name, keys string }{
			{"services", "@web"},
			{"overview", "@web 1 enter"},
			{"mounts", "@web 2 enter down"},
			{"changes", "@web 3 enter end up"},
			{"plan", "@web 4 enter"},
			{"logs", "@web 5 enter"},
			{"preview", "@web r"},
			{"help", "@web 3 enter ?"},
			{"jump", "@web : / r u n"},
			{"export", "@web e"},
			{"record", "R"},
			{"try", "@web t"},
			{"compare", "@web 3 enter end up enter"},
		} {
			t.Run(fmt.Sprintf("%s-%dx%d", shown.name, size[0], size[1]), bubbled(func(t *testing.T) {
				source := newStill(stack.Lay(recordedSeen(), nil))
				source.consent, source.plan, source.plans, source.anyPlan = recorderConsent(), webPlan(), otherPlans(), true
				source.compare = map[string]model.Comparison{index.Path: index}
				source.log = []string{"AH00558: apache2: Could not reliably determine the name", "cannot touch '/run/lock': Read-only file system"}
				golden.RequireEqual(t, open(t, source, size[0], size[1]).keys(shown.keys).text()+"\n")
			}))
		}
	}
}
