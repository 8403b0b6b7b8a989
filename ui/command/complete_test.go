package command

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

func TestCompletion(t *testing.T) {
	e := &fakeEngine{
		services: []string{"web", "worker", "we$(reboot)", "we\nb", "-web", "we b"},
		projects: []model.ProjectSummary{{Name: "shop"}, {Name: "blog`id`"}},
	}
	for args, want := range map[string]string{
		"check _":              "web worker",
		"check wo":             "worker",
		"check web _":          "worker",
		"plan we":              "web",
		"record _":             "web worker",
		"check --format _":     "text json sarif",
		"plan -o kub":          "kubernetes kubernetes-deployment",
		"-p _":                 "shop",
		"check --context desk": "desktop",
		"ls _":                 "",
		"demo _":               "",
		"plan -H _":            "",
	} {
		words := strings.Fields(args)
		if last := len(words) - 1; words[last] == "_" {
			words[last] = ""
		}
		got := run(t, program(e), append([]string{"__complete"}, words...)...)
		lines := strings.Split(strings.TrimSpace(got.out), "\n")
		if offered := strings.Join(lines[:len(lines)-1], " "); got.code != 0 || offered != want || lines[len(lines)-1] != ":4" {
			t.Errorf("%s: exit code %d, got %q, want %q without files", args, got.code, lines, want)
		}
	}
}

// Keys that somebody types meanwhile are not the Compose file.
func TestCompletionLeavesStandardInputAlone(t *testing.T) {
	e := &fakeEngine{services: []string{"web"}}
	typed := strings.NewReader("keys")
	runIn(t.Context(), program(e), typed, "__complete", "-f", "-", "check", "")
	if text, err := e.options.Stdin(); err == nil || typed.Len() != len("keys") {
		t.Errorf("read %q of standard input", text)
	}
}

func TestCompletionIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, over := time.Now(), make(chan struct{})
		names, err := within(t.Context(), completionTime, func(context.Context) ([]string, error) {
			<-over // it does not heed its context
			return []string{"late"}, nil
		})
		if took := time.Since(began); err == nil || names != nil || took != 2*time.Second {
			t.Errorf("%v, %v after %s", names, err, took)
		}
		close(over)
	})
}
