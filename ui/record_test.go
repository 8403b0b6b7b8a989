package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
	"petrify/model/stack"
)

// recordedShop is the shop with its web service being recorded.
func recordedShop() *model.Stack {
	seen := shopSeen()
	seen.Recorder = model.Recorder{Job: model.Job{State: model.JobRunning, Since: noon.Add(-250 * time.Second)}, Containers: 5}
	seen.Recordings = []*model.Recording{webRecording()}
	return stack.Lay(seen, nil)
}

// recordedSeen is the shop after a recording.
func recordedSeen() model.Observation {
	seen := shopSeen()
	seen.Recordings = []*model.Recording{webRecording()}
	return seen
}

func webRecording() *model.Recording {
	written := func(path string, acts model.Acts, count int, ago time.Duration, by ...int) model.Write {
		return model.Write{
			Path: path, Acts: acts, Type: model.Regular, Count: count, Bytes: 24, By: by,
			First: noon.Add(-4 * time.Minute), Last: noon.Add(-ago),
		}
	}
	lock := written("/run/lock/apache2", model.Made|model.Removed, 2, 2*time.Minute, 0)
	lock.Gone, lock.Type, lock.Bytes = true, model.Directory, -1
	upload := written("/var/www/html/wp-content/uploads/stone.png", model.Made|model.Stored, 9, 10*time.Second, 1)
	upload.Mount, upload.Bytes = "/var/www/html/wp-content/uploads", 48_213
	unnamed := written("/var/tmp", model.Made|model.Stored, 31, time.Minute, 1, 2)
	unnamed.Inside, unnamed.Type, unnamed.Gone = 12, model.Directory, true
	return &model.Recording{
		Project: "shop", Service: "web", ImageID: shopImage("web"), Sittings: []model.Sitting{{Began: noon.Add(-250 * time.Second), Ended: noon, Ran: 250 * time.Second, Starts: 1}},
		Live: true, PerSecond: 12.4,
		Writes: []model.Write{
			written("/etc/passwd", model.Opened, 1, 3*time.Minute, 0),
			written("/run/apache2/apache2.pid", model.Made|model.Stored, 2, 4*time.Minute, 0),
			lock,
			unnamed,
			written("/var/www/html/index.php", model.Stored, 1, 20*time.Second, 2),
			upload,
		},
		Processes: []model.Process{
			{Command: "apache2", User: "root", PID: 4711, Count: 5, Line: "apache2 -D FOREGROUND"},
			{Command: "apache2", User: "www-data", UID: 33, PID: 4720, Count: 40},
			{Command: "php\x1b[31m", UID: 33, PID: 4800, Count: 1, Line: "php cron.php --evil \x1b]0;owned\a"},
		},
	}
}

// shopImage is the image that a service of the shop runs.
func shopImage(service string) string {
	for _, c := range shopSeen().Containers {
		if c.Service == service {
			return c.ImageID
		}
	}
	return ""
}

// recorderConsent is what recording with a helper creates.
func recorderConsent() model.Consent {
	const image = "petrify-recorder:0123456789abcdef"
	return model.Consent{
		Images:     []string{image},
		Containers: []model.NewContainer{{Image: image, Capabilities: []string{"SYS_ADMIN", "SYS_PTRACE"}, Namespaces: []string{"pid"}}},
	}
}

func TestRecordingFrames(t *testing.T) {
	helper := recorderConsent()
	impossible := model.Consent{Problem: &model.Problem{
		Text: "the engine runs without root, and Linux lets only root watch writes", Advice: "changes remain the evidence",
	}}
	for _, frame := range []struct {
		name          string
		width, height int
		keys          string
		stack         *model.Stack
		consent       model.Consent
	}{
		{"question-helper", 100, 26, "R", shop(), helper},
		{"question-direct", 80, 24, "R", shop(), model.Consent{}},
		{"question-impossible", 80, 24, "R", shop(), impossible},
		{"question-narrow", 44, 24, "R", shop(), helper},
		{"recording", 140, 30, "@web 3", recordedShop(), model.Consent{}},
		{"recording-80", 80, 24, "@web 3 enter down down down down", recordedShop(), model.Consent{}},
		{"recording-narrow", 50, 24, "@web 3", recordedShop(), model.Consent{}},
		{"recording-preview", 120, 30, "@web 3 r", recordedShop(), model.Consent{}},
	} {
		t.Run(frame.name, bubbled(func(t *testing.T) {
			source := newStill(frame.stack)
			source.consent = frame.consent
			golden.RequireEqual(t, open(t, source, frame.width, frame.height).keys(frame.keys).text()+"\n")
		}))
	}
}

// Nothing is started before somebody agreed, and nothing where it cannot be.
func TestRecordingTakesConsent(t *testing.T) {
	problem := model.Consent{Problem: &model.Problem{Text: "no"}}
	for name, test := range map[string]struct {
		consent model.Consent
		stack   func() *model.Stack
		keys    string
		want    string
	}{
		"asked":           {model.Consent{}, shop, "R", ""},
		"agreed":          {model.Consent{}, shop, "R y", "on"},
		"enter":           {model.Consent{}, shop, "R enter", ""},
		"left":            {model.Consent{}, shop, "R esc", ""},
		"another key":     {model.Consent{}, shop, "R 3", ""},
		"left, then y":    {model.Consent{}, shop, "R n y", ""},
		"impossible":      {problem, shop, "R y", ""},
		"stopped at once": {model.Consent{}, recordedShop, "R", "off"},
	} {
		t.Run(name, bubbled(func(t *testing.T) {
			source := newStill(test.stack())
			source.consent = test.consent
			open(t, source, 100, 30).keys(test.keys)
			if got := strings.Join(source.recorded, " "); got != test.want {
				t.Errorf("recorded %q, want %q", got, test.want)
			}
		}))
	}
}

func TestRecordingThatDoesNotStart(t *testing.T) {
	bubbled(func(t *testing.T) {
		source := newStill(shop())
		source.refuses = errors.New("no room\x1b[31m")
		if text := open(t, source, 100, 30).keys("R y").text(); !strings.Contains(text, "✗ no room") || strings.Contains(text, "\x1b[31m") {
			t.Errorf("the screen does not say why, or says it raw:\n%s", text)
		}
	})(t)
}

// What was written since the mark stands out, also where it had changed before.
func TestMarkWithRecording(t *testing.T) {
	bubbled(func(t *testing.T) {
		before := recordedShop()
		source := newStill(before)
		s := open(t, source, 140, 30).keys("@web 3 m")
		marked := answeredShop(noon)
		marked.Recordings = []*model.Recording{webRecording()}
		s.send(stackMsg{stack: stack.Lay(marked, before)})
		seen := answeredShop(noon.Add(2 * time.Second))
		later := webRecording()
		for i := range later.Writes {
			if later.Writes[i].Path == "/run/apache2/apache2.pid" {
				later.Writes[i].Last = noon.Add(5 * time.Second)
			}
		}
		seen.Recordings = []*model.Recording{later}
		s.send(stackMsg{stack: stack.Lay(seen, before)})
		if text := s.text(); !strings.Contains(text, "◆ 1 since") {
			t.Errorf("the write since the mark does not stand out:\n%s", text)
		}
	})(t)
}
