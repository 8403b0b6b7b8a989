package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
	"petrify/model/stack"
)

// trialConsent is what a trial of web creates.
func trialConsent() model.Consent {
	const image = "petrify-helper:0123456789abcdef"
	return model.Consent{
		Images: []string{image},
		Containers: []model.NewContainer{
			{Image: image, Capabilities: []string{"SYS_ADMIN"}, Namespaces: []string{"pid"}},
			{Service: "db", Image: "mariadb:11"},
			{Service: "web", Image: "shop/web\x1b[2J:1"},
		},
		Networks: []model.NewNetwork{{Name: "petrify-trial-4f2a"}},
		Volumes: []model.NewVolume{
			{Service: "db", Target: "/var/lib/mysql", From: "shop_db", Bytes: 187 << 20},
			{Service: "web", Target: "/var/www/html/wp-content/uploads", From: "/srv/uploads", Bytes: -1},
			{Service: "web", Target: "/cache"},
		},
		Notes: []string{"web publishes ports 80 and 443, and its copy does not"},
	}
}

// webTrial is a trial of the shop's web service.
func webTrial(result model.TrialResult) *model.Trial {
	s := shop().Service("web")
	steps := []model.TrialStep{{Kind: model.StartStep}, {Kind: model.ReadyStep, Answer: "healthy"}, {Kind: model.PortStep, What: "80", Answer: "HTTP 200"}}
	refused := func(paths ...string) model.Evidence {
		e := model.Evidence{Processes: []model.Process{{Command: "apache2", User: "www-data", UID: 33}}}
		for _, path := range paths {
			e.Writes = append(e.Writes, model.Write{Path: path, Refused: 1, By: []int{0}, Refusal: model.Refusal{Acts: model.Made, Err: model.ReadOnlyError, Call: "openat"}})
		}
		return e
	}
	tolerated := refused("/etc/php.ini", "/var/www/html/index.php", "/var/www/html/readme.html")
	return &model.Trial{
		Project: "shop", Service: "web", ImageID: s.ImageID(), Definition: s.Definition(), Plan: webPlan(), Began: noon.Add(-time.Minute), Took: 41 * time.Second,
		Result: result, Baseline: model.Run{Steps: steps, Took: 6 * time.Second}, Tolerated: tolerated.Writes,
		Rounds: []model.Round{
			{
				Run:    model.Run{Took: 3 * time.Second, Evidence: refused("/run/apache2/apache2.pid"), Steps: []model.TrialStep{{Kind: model.StartStep, Err: "it ended with exit code 1"}}},
				Mended: []model.Mending{{Target: "/run/apache2", Kind: model.MountAdded, Why: "openat of /run/apache2/apache2.pid was refused to apache2 (www-data)"}},
			},
			{Run: model.Run{Took: 7 * time.Second, Steps: steps, Evidence: tolerated}},
		},
	}
}

// triedShop is the shop with a trial of web that has ended.
func triedShop(t *model.Trial) *model.Stack {
	seen := shopSeen()
	seen.Trials = []*model.Trial{t}
	return stack.Lay(seen, nil)
}

// tryingShop is the shop while web is tried.
func tryingShop(state model.JobState) *model.Stack {
	seen := shopSeen()
	trial := webTrial("")
	trial.Rounds, trial.Tolerated = trial.Rounds[:1], nil
	seen.Trying = model.Trying{
		Job:     model.Job{Kind: model.TrialJob, State: state, Since: noon.Add(-27 * time.Second), Step: "ready", Done: 1, Total: 3, Reason: "no room\x1b[2J"},
		Service: "web", Trial: trial,
	}
	return stack.Lay(seen, nil)
}

func TestTrialFrames(t *testing.T) {
	impossible := model.Consent{Problem: &model.Problem{Text: "the data of db takes 40 GiB, and 12 GiB are free", Advice: "begin with empty volumes: petrify try --data fresh"}}
	for _, frame := range []struct {
		name          string
		width, height int
		keys          string
		stack         *model.Stack
		consent       model.Consent
	}{
		{"question", 100, 34, "@web t", shop(), trialConsent()},
		{"question-80", 80, 24, "@web t", shop(), trialConsent()},
		{"question-narrow", 44, 24, "@web t", shop(), trialConsent()},
		{"question-all", 100, 30, "T", shop(), trialConsent()},
		{"question-impossible", 80, 24, "t", shop(), impossible},
		{"trying", 140, 32, "@web 4", tryingShop(model.JobRunning), model.Consent{}},
		{"trying-80", 80, 24, "@web 4", tryingShop(model.JobRunning), model.Consent{}},
		{"trying-narrow", 50, 24, "@web 4", tryingShop(model.JobRunning), model.Consent{}},
		{"stopping", 100, 24, "@web 1", tryingShop(model.JobStopping), model.Consent{}},
		{"not-tried", 100, 24, "@web 1", tryingShop(model.JobFailed), model.Consent{}},
		{"proved", 120, 32, "@web 4 r", triedShop(webTrial(model.TrialProved)), model.Consent{}},
		{"proved-80", 80, 24, "@web 4", triedShop(webTrial(model.TrialProved)), model.Consent{}},
		{"proved-overview", 100, 30, "@web 4 1", triedShop(webTrial(model.TrialProved)), model.Consent{}},
		{"failed", 100, 30, "@web 4", triedShop(webTrial(model.TrialFailed)), model.Consent{}},
		{"another-plan", 100, 30, "@web 4 enter down space", triedShop(webTrial(model.TrialProved)), model.Consent{}},
	} {
		t.Run(frame.name, bubbled(func(t *testing.T) {
			source := newStill(frame.stack)
			source.consent, source.plan, source.plans = frame.consent, webPlan(), otherPlans()
			golden.RequireEqual(t, open(t, source, frame.width, frame.height).keys(frame.keys).text()+"\n")
		}))
	}
}

// Nothing is tried before somebody agreed, and nothing where it cannot be.
func TestTrialsTakeConsent(t *testing.T) {
	problem := model.Consent{Problem: &model.Problem{Text: "no"}}
	running := func() *model.Stack { return tryingShop(model.JobRunning) }
	const asked = "asked [web] without []"
	for name, test := range map[string]struct {
		consent model.Consent
		stack   func() *model.Stack
		keys    string
		want    string
	}{
		"asked":               {trialConsent(), shop, "t", asked},
		"agreed":              {trialConsent(), shop, "t y", asked + ", try [web]"},
		"enter":               {trialConsent(), shop, "t enter", asked},
		"left, then y":        {trialConsent(), shop, "t n y", asked},
		"impossible":          {problem, shop, "t y", asked},
		"the whole stack":     {trialConsent(), shop, "T y", "asked [agent db web worker stray] without [], try [agent db web worker stray]"},
		"without a mount":     {trialConsent(), shop, "4 enter down space t y", "asked [web] without [/run/apache2], try [web]"},
		"stopped at once":     {trialConsent(), running, "t", "stop"},
		"stopped by either":   {trialConsent(), running, "T", "stop"},
		"stopping, and again": {trialConsent(), func() *model.Stack { return tryingShop(model.JobStopping) }, "t", asked},
	} {
		t.Run(name, bubbled(func(t *testing.T) {
			source := newStill(test.stack())
			source.consent, source.plan, source.plans = test.consent, webPlan(), otherPlans()
			open(t, source, 100, 30).keys("@web " + test.keys)
			if got := strings.Join(source.recorded, ", "); got != test.want {
				t.Errorf("did %q, want %q", got, test.want)
			}
		}))
	}
}

func TestTrialThatDoesNotStart(t *testing.T) {
	bubbled(func(t *testing.T) {
		source := newStill(shop())
		source.refuses, source.consent = errors.New("it is under way already\x1b[31m"), trialConsent()
		if text := open(t, source, 100, 30).keys("@web t y").text(); !strings.Contains(text, "✗ it is under way already") || strings.Contains(text, "\x1b") {
			t.Errorf("it does not say why:\n%s", text)
		}
	})(t)
}

// A source that cannot try has no keys for it.
func TestNoTrialsWithoutATrier(t *testing.T) {
	type still interface{ Source }
	bubbled(func(t *testing.T) {
		screen := open(t, struct{ still }{newStill(shop())}, 100, 30)
		if text := screen.keys("t T ?").text(); strings.Contains(text, "throw-away") || strings.Contains(text, "try the whole stack") {
			t.Error(text)
		}
	})(t)
}

// A plan is asked for again when its service was tried: the trial may have mended it.
func TestPlansAreMadeAgainAfterATrial(t *testing.T) {
	bubbled(func(t *testing.T) {
		source := newStill(shop())
		source.plan, source.plans = webPlan(), otherPlans()
		screen := open(t, source, 100, 30).keys("@web 4")
		source.planned = nil
		screen.send(stackMsg{stack: triedShop(webTrial(model.TrialProved))})
		if !slices.Contains(source.planned, "web") || !strings.Contains(screen.text(), "✓ proved: 2 rounds") {
			t.Errorf("planned %v\n%s", source.planned, screen.text())
		}
	})(t)
}
