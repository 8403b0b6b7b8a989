package stack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

var markedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// answerOf is a container's answer, "A /path" a change.
func answerOf(container string, taken time.Duration, lines ...string) model.ContainerChanges {
	c := model.ContainerChanges{Container: container}
	c.Taken = markedAt.Add(taken)
	for _, line := range lines {
		kind, path, _ := strings.Cut(line, " ")
		c.Paths = append(c.Paths, model.Change{Path: path, Kind: model.ChangeKind(strings.Index("CAD", kind))})
	}
	return c
}

func runningService(answers ...model.ContainerChanges) model.Service {
	svc := model.Service{Name: "web", Changes: answers}
	for _, a := range answers {
		svc.Containers = append(svc.Containers, model.Container{ID: a.Container, State: model.Running})
	}
	return svc
}

func stackOf(services ...model.Service) *model.Stack { return &model.Stack{Services: services} }

func TestMarkCountsWhatCameAfterIt(t *testing.T) {
	written := func(path string, last time.Duration) model.Write {
		return model.Write{Path: path, First: markedAt.Add(-time.Hour), Last: markedAt.Add(last)}
	}
	for _, test := range []struct {
		name          string
		before, after []model.ContainerChanges
		recorded      []model.Write
		want          string
	}{
		{
			"nothing",
			[]model.ContainerChanges{answerOf("a", 0, "C /run", "A /run/old")},
			[]model.ContainerChanges{answerOf("a", time.Second, "C /run", "A /run/old")},
			nil, "[]",
		}, {
			"a file, and not the directories that lead to it",
			[]model.ContainerChanges{answerOf("a", 0)},
			[]model.ContainerChanges{answerOf("a", time.Second, "A /var/new/deep/file", "C /var", "A /var/new", "A /var/new/deep")},
			nil, "[/var/new/deep/file]",
		}, {
			"a directory with nothing in it",
			[]model.ContainerChanges{answerOf("a", 0)},
			[]model.ContainerChanges{answerOf("a", time.Second, "C /var", "A /var/empty", "A /var/empty-file")},
			nil, "[/var/empty /var/empty-file]",
		}, {
			"another kind of change",
			[]model.ContainerChanges{answerOf("a", 0, "C /etc/site.conf", "C /etc/other.conf")},
			[]model.ContainerChanges{answerOf("a", time.Second, "D /etc/site.conf", "C /etc/other.conf")},
			nil, "[/etc/site.conf]",
		}, {
			"the same path in another container",
			[]model.ContainerChanges{answerOf("a", 0, "A /job.log"), answerOf("b", 0)},
			[]model.ContainerChanges{answerOf("a", time.Second, "A /job.log"), answerOf("b", time.Second, "A /job.log")},
			nil, "[/job.log]",
		}, {
			"two containers that differ as they did before",
			[]model.ContainerChanges{answerOf("a", 0, "C /x"), answerOf("b", 0, "D /x")},
			[]model.ContainerChanges{answerOf("a", time.Second, "C /x"), answerOf("b", time.Second, "D /x")},
			nil, "[]",
		}, {
			"a container made since",
			[]model.ContainerChanges{answerOf("a", 0, "A /run/a.pid")},
			[]model.ContainerChanges{answerOf("c", time.Second, "A /run/a.pid")},
			nil, "[/run/a.pid]",
		}, {
			"recorded writes by their time",
			[]model.ContainerChanges{answerOf("a", time.Second, "A /seen")},
			[]model.ContainerChanges{answerOf("a", 2*time.Second, "A /seen")},
			[]model.Write{written("/early", -time.Minute), written("/seen", 3*time.Second), written("/while-asking", time.Second/2)},
			"[/seen]",
		},
	} {
		before, after := runningService(test.before...), runningService(test.after...)
		after.Evidence.Writes = test.recorded
		mark := NewMark(markedAt).With(stackOf(before))
		if got := fmt.Sprint(mark.New(&after)); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// An engine answers in any order.
func TestMarkDoesNotDependOnTheOrder(t *testing.T) {
	mark := NewMark(markedAt).With(stackOf(runningService(answerOf("a", 0, "C /run", "A /run/old"), answerOf("b", 0, "D /run/old"))))
	a := answerOf("a", time.Second, "C /run", "A /run/old", "A /run/new", "C /var", "C /var/lib", "A /var/lib/x", "A /var/lib/x/y", "A /var/lib-2")
	b := answerOf("b", time.Second, "D /run/old", "C /run", "A /run/new")
	const want = "[/run/new /var/lib/x/y /var/lib-2]"
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(a.Paths), func(i, j int) { a.Paths[i], a.Paths[j] = a.Paths[j], a.Paths[i] })
		answers := []model.ContainerChanges{a, b}
		if random.IntN(2) == 0 {
			slices.Reverse(answers)
		}
		svc := runningService(answers...)
		if got := fmt.Sprint(mark.New(&svc)); got != want {
			t.Fatalf("%s, want %s for %v", got, want, answers)
		}
	}
}

// What was written before the mark, but asked for only after it, is not new.
func TestMarkWaitsForAnswersThatAreNewer(t *testing.T) {
	wanted := NewMark(markedAt)
	old := runningService(answerOf("a", -time.Minute, "A /run/old"), answerOf("b", time.Second))
	if mark := wanted.With(stackOf(old)); mark != wanted {
		t.Fatal("marked by an answer from before")
	}
	asked := runningService(answerOf("a", 2*time.Second, "A /run/old", "A /run/unasked"), answerOf("b", time.Second))
	mark := wanted.With(stackOf(asked))
	at, known := mark.Since("web")
	if want := markedAt.Add(2 * time.Second); !known || !at.Equal(want) {
		t.Errorf("marked at %v, %v; want %v", at, known, want)
	}
	if fresh := mark.New(&asked); len(fresh) > 0 {
		t.Errorf("new at once: %v", fresh)
	}
	later := runningService(answerOf("a", time.Minute, "A /run/old", "A /run/unasked", "A /run/new"), answerOf("b", time.Second))
	if again := mark.With(stackOf(later)); again != mark {
		t.Error("a service was marked twice")
	}
	if got := fmt.Sprint(mark.New(&later)); got != "[/run/new]" {
		t.Errorf("new: %s", got)
	}
	never := model.Service{Name: "never", Containers: []model.Container{{ID: "n", State: model.Created}}}
	if _, known := wanted.With(stackOf(never)).Since("never"); !known {
		t.Error("a container that never ran is waited for")
	}
	if _, known := wanted.With(stackOf(model.Service{Name: "unlisted", Unlisted: true})).Since("unlisted"); known {
		t.Error("marked before an engine answered")
	}
}

// "Which path does this click need?": what is refused after a mark is new, also of a
// service that has no writable layer to ask for.
func TestWhatIsRefusedSinceAMark(t *testing.T) {
	refused := func(path string, last time.Time) model.Write {
		return model.Write{Path: path, Refused: 1, Gone: true, First: markedAt.Add(-time.Hour), Last: last, Refusal: model.Refusal{Acts: model.Made, Err: model.ReadOnlyError, Last: last}}
	}
	svc := model.Service{
		Name: "web", Containers: []model.Container{{ID: "a", State: model.Running, Inspected: true, ReadOnly: true}},
		Evidence: model.Evidence{Writes: []model.Write{refused("/run/before", markedAt.Add(-time.Second)), refused("/var/lib/thing", markedAt.Add(time.Second))}},
	}
	mark := NewMark(markedAt).With(stackOf(svc))
	if _, known := mark.Since("web"); !known {
		t.Fatal("a read-only service is not marked")
	}
	if got := fmt.Sprint(mark.New(&svc)); got != "[/var/lib/thing]" {
		t.Errorf("new: %s", got)
	}
}
