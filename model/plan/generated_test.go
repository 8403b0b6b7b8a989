package plan

import (
	"testing"

	"petrify/model"
)

// Code that a framework compiles for itself is no break-in; code among the image's is.
func TestGeneratedCode(t *testing.T) {
	kept := func(owner int) model.ImagePath {
		fact := shipped(0o755, owner)
		fact.Placeholder = true
		return fact
	}
	fileOf := func(owner int) model.ImagePath {
		fact := grownFile(0o644, 900)
		fact.UID, fact.GID = owner, owner
		return fact
	}
	const alarmed = "alarm /app/tpl/"
	tests := []struct {
		name  string
		facts model.Facts
		lines []string
		want  string
	}{
		{
			"views with a hash for a name",
			model.Facts{"/app/tpl": kept(33), "/app/tpl/0a1b2c3d4e5f6071.php": fileOf(33)},
			[]string{"A /app/tpl/0a1b2c3d4e5f6071.php", "A /app/tpl/ffeeddccbbaa0099.php"},
			"tmpfs /app/tpl mode=0755 uid=33 gid=33 size=64m",
		},
		{
			"views in folders by their hash",
			model.Facts{"/app/tpl": kept(33), "/app/tpl/4e": grown(0o755, 33)},
			[]string{"A /app/tpl/4e", "A /app/tpl/4e/4e0d8f2ab1c97733.py"},
			"tmpfs /app/tpl mode=0755 uid=33 gid=33 size=64m",
		},
		{
			"views that name their template",
			model.Facts{"/app/tpl": kept(33)},
			[]string{"A /app/tpl/index.tpl.php", "A /app/tpl/mail.html.py", "A /app/tpl/start_jsp.class"},
			"tmpfs /app/tpl mode=0755 uid=33 gid=33 size=64m",
		},
		{
			"a script under a name of its own",
			model.Facts{"/app/tpl": kept(33)},
			[]string{"A /app/tpl/shell.php"},
			alarmed + "shell.php",
		},
		{
			"a script beside views",
			model.Facts{"/app/tpl": kept(33)},
			[]string{"A /app/tpl/0a1b2c3d4e5f6071.php", "A /app/tpl/shell.php"},
			"tmpfs /app/tpl mode=0755 uid=33 gid=33 size=64m\n" + alarmed + "shell.php",
		},
		{
			"a made up name among code of the image",
			model.Facts{"/app/tpl": filled(0o755, 33)},
			[]string{"A /app/tpl/0a1b2c3d4e5f6071.php"},
			alarmed + "0a1b2c3d4e5f6071.php",
		},
		{
			"nobody knows what the image has there", nil,
			[]string{"A /app/tpl/0a1b2c3d4e5f6071.php"},
			alarmed + "0a1b2c3d4e5f6071.php",
		},
		{
			"somebody else's file",
			model.Facts{"/app/tpl": kept(33), "/app/tpl/0a1b2c3d4e5f6071.php": fileOf(0)},
			[]string{"A /app/tpl/0a1b2c3d4e5f6071.php"},
			alarmed + "0a1b2c3d4e5f6071.php",
		},
		{
			"code that the image shipped",
			model.Facts{"/app/tpl": kept(33)},
			[]string{"C /app/tpl/0a1b2c3d4e5f6071.php"},
			alarmed + "0a1b2c3d4e5f6071.php",
		},
		{
			"a placeholder forces no volume",
			model.Facts{"/app/tmp": kept(33)},
			[]string{"A /app/tmp/1"},
			"tmpfs /app/tmp mode=0755 uid=33 gid=33 size=64m",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Make(planned(nil, test.lines...), test.facts, model.PlanOptions{NoAssumptions: true})
			if got := sketch(p); got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nin full\n%s", got, test.want, p)
			}
		})
	}
}
