package pane

import (
	"strings"
	"testing"

	"petrify/model"
)

func TestDiffLines(t *testing.T) {
	file := func(content string) model.Version {
		return model.Version{Exists: true, Info: model.FileInfo{Type: model.Regular}, Content: []byte(content)}
	}
	problem := model.Version{Exists: true, Problem: "too large"}
	link := model.Version{Exists: true, Info: model.FileInfo{Type: model.Symlink, Link: "/etc/passwd"}}
	for _, test := range []struct {
		name          string
		original, now model.Version
		want          string
	}{
		{"changed", file("a\nb\n"), file("a\nc\n"), "@@ -1,2 +1,2 @@| a|-b|+c"},
		{"hostile", file(""), file("\x1b[2J\x9b\n"), `@@ -0,0 +1 @@|+\x1b[2J\x9b`},
		{"the same", file("a\n"), file("a\n"), "the contents are the same: only the mode, the owner or the time changed"},
		{"added", model.Version{}, file("new\n\tline\n"), "new|        line"},
		{"deleted", file("old\n"), model.Version{}, "old"},
		{"binary", file("\x00\x01"), file("\x00\x02"), ""},
		{"binary by now", file("text\n"), file("\x00"), "text"},
		{"unreadable", problem, file("text\n"), "text"},
		{"a link", link, link, ""},
		{"nothing", model.Version{}, model.Version{}, ""},
	} {
		got := strings.Join(diffLines(&model.Comparison{Original: test.original, Now: test.now}), "|")
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestKindOfFile(t *testing.T) {
	for content, want := range map[string]string{
		"":                      "of text",
		"<?php\n":               "of text",
		"\x00\x01\x02":          "application/octet-stream",
		"\x89PNG\r\n\x1a\n\x00": "image/png",
	} {
		v := model.Version{Info: model.FileInfo{Type: model.Regular}, Content: []byte(content)}
		if got := kindOfFile(v); got != want {
			t.Errorf("%q is %s, want %s", content, got, want)
		}
	}
}
