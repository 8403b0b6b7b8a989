package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"petrify/model"
	"petrify/model/stack"
)

// noon is when all that the tests show happens.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// stillSource hands out one stack after another and answers from maps.
type stillSource struct {
	consent  model.Consent
	recorded []string // what Record was asked for
	refuses  error
	stacks   chan *model.Stack
	infos    map[string]model.FileInfo
	compare  map[string]model.Comparison
	plan     model.Plan
	plans    []model.Plan // more of them
	anyPlan  bool         // other services than the plans' have empty ones
	planned  []string     // the services that were asked for
	log      []string
	looked   []attention
	asked    int

	askedChanges int
}

func newStill(stacks ...*model.Stack) *stillSource {
	s := &stillSource{stacks: make(chan *model.Stack, 16)}
	for _, stack := range stacks {
		s.stacks <- stack
	}
	return s
}

func (s *stillSource) Next(ctx context.Context) (*model.Stack, error) {
	select {
	case stack := <-s.stacks:
		return stack, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *stillSource) Look(service string, changes bool) {
	s.looked = append(s.looked, attention{service, changes})
}

func (s *stillSource) Refresh() { s.asked++ }

func (s *stillSource) AskChanges() { s.askedChanges++ }

// answeredShop is the shop with all its answers of a moment, and more changes of web.
func answeredShop(taken time.Time, more ...model.Change) model.Observation {
	seen := shopSeen()
	for id, changes := range seen.Changes {
		changes.Taken = taken
		seen.Changes[id] = changes
	}
	web := seen.Containers[0]
	changes := seen.Changes[web.ID]
	changes.Paths = append(more, changes.Paths...)
	seen.Changes[web.ID] = changes
	return seen
}

func (s *stillSource) Stat(_ context.Context, _ string, paths []string) ([]model.FileInfo, error) {
	infos := make([]model.FileInfo, len(paths))
	for i, p := range paths {
		infos[i] = s.infos[p]
		infos[i].Path = p
	}
	return infos, nil
}

func (s *stillSource) RecordingConsent(context.Context) (model.Consent, error) {
	return s.consent, nil
}

func (s *stillSource) StartRecording(context.Context, ...string) error {
	s.recorded = append(s.recorded, "on")
	return s.refuses
}

func (s *stillSource) StopRecording() { s.recorded = append(s.recorded, "off") }

func (s *stillSource) TrialConsent(_ context.Context, _ *model.Stack, o model.TrialOptions, services ...string) (model.Consent, error) {
	s.recorded = append(s.recorded, fmt.Sprintf("asked %v without %v", services, o.Without))
	return s.consent, nil
}

func (s *stillSource) StartTrial(_ context.Context, _ *model.Stack, _ model.TrialOptions, services ...string) error {
	s.recorded = append(s.recorded, fmt.Sprintf("try %v", services))
	return s.refuses
}

func (s *stillSource) StopTrial() { s.recorded = append(s.recorded, "stop") }

func (s *stillSource) Plans(ctx context.Context, stack *model.Stack, _ model.PlanOptions, services ...string) ([]model.Plan, error) {
	wanted, err := stack.Only(services...)
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return nil, err
	}
	plans := make([]model.Plan, len(wanted.Services))
	for i := range wanted.Services {
		service := wanted.Services[i].Name
		more := slices.IndexFunc(s.plans, func(p model.Plan) bool { return p.Service == service })
		s.planned = append(s.planned, service)
		switch {
		case more >= 0:
			plans[i] = s.plans[more]
		case s.plan.Service == service:
			plans[i] = s.plan
		case s.anyPlan:
			plans[i] = model.Plan{Service: service, Already: true}
		default:
			return nil, fmt.Errorf("%s of %s: no plan in this test", service, stack.Name)
		}
	}
	return plans, nil
}

func (s *stillSource) Compare(_ context.Context, _, path string) (model.Comparison, error) {
	c, ok := s.compare[path]
	if !ok {
		return c, fmt.Errorf("%s is not there any more", path)
	}
	return c, nil
}

func (s *stillSource) Logs(ctx context.Context, _ string, _ int, each func(model.LogLine)) error {
	for i, text := range s.log {
		each(model.LogLine{At: noon.Add(time.Duration(i) * time.Second), Text: text})
	}
	<-ctx.Done()
	return nil
}

// screen drives an App without a terminal: commands run at once, except those
// that wait for something that will not come.
type screen struct {
	t   testing.TB
	app tea.Model
}

func open(t testing.TB, source Source, width, height int) *screen {
	ctx, cancel := context.WithCancel(context.Background())
	app := New(ctx, source, Options{Now: func() time.Time { return noon }, Zone: time.UTC, Files: &plansWritten{kept: map[string]string{}}})
	s := &screen{t, app}
	t.Cleanup(func() {
		cancel()
		s.keys("ctrl+c")
	})
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	s.run(app.next)
	return s
}

// wait is how long a command may take before it is taken for one that waits. It
// is time in a bubble, which passes at once.
const wait = time.Hour

// bubbled runs a test in a bubble of its own time.
func bubbled(test func(t *testing.T)) func(t *testing.T) {
	return func(t *testing.T) { synctest.Test(t, test) }
}

func (s *screen) send(msg tea.Msg) {
	var cmd tea.Cmd
	s.app, cmd = s.app.Update(msg)
	s.run(cmd)
}

func (s *screen) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	answer := make(chan tea.Msg, 1)
	go func() { answer <- cmd() }()
	select {
	case msg := <-answer:
		switch msg := msg.(type) {
		case nil, tickMsg, secondMsg, spinMsg, toastMsg, tourMsg, tea.QuitMsg:
		case tea.BatchMsg:
			for _, cmd := range msg {
				s.run(cmd)
			}
		default:
			s.send(msg)
		}
	case <-time.After(wait):
	}
}

// keys presses keys by their names, as in "down down enter". With "@web" it goes on to the
// next service until that one is selected.
func (s *screen) keys(names string) *screen {
	for _, name := range strings.Fields(names) {
		if service, ok := strings.CutPrefix(name, "@"); ok {
			s.selectService(service)
			continue
		}
		s.send(press(name))
	}
	return s
}

// clickOn clicks on the first place with a text.
func (s *screen) clickOn(text string) {
	s.t.Helper()
	for y, line := range strings.Split(s.text(), "\n") {
		if at := strings.Index(line, text); at >= 0 {
			s.send(tea.MouseClickMsg{X: ansi.StringWidth(line[:at]), Y: y, Button: tea.MouseLeft})
			return
		}
	}
	s.t.Fatalf("no %q on screen:\n%s", text, s.text())
}

func (s *screen) selectService(name string) {
	app, ok := s.app.(*App)
	if !ok {
		s.t.Fatal("there are no services to select")
	}
	for range app.stack.Services {
		s.keys("[")
	}
	for range app.stack.Services {
		if app.services.Selected() == name {
			return
		}
		s.keys("]")
	}
	s.t.Fatalf("there is no service %s", name)
}

func press(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"pgdown": tea.KeyPgDown, "end": tea.KeyEnd, "home": tea.KeyHome,
	}
	if code, ok := special[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// text is the screen without its colours.
func (s *screen) text() string { return ansi.Strip(s.app.View().Content) }

// shop is a stack with one service of every sort.
func shop() *model.Stack { return stack.Lay(shopSeen(), nil) }

// shopMounts are what the services of the shop mount.
var shopMounts = struct{ uploads, data, config, socket, scratch model.Mount }{
	uploads: model.Mount{Kind: model.Volume, Source: "shop_uploads", Target: "/var/www/html/wp-content/uploads"},
	data:    model.Mount{Kind: model.Volume, Source: "shop_data", Target: "/var/lib/mysql"},
	config:  model.Mount{Kind: model.Bind, Source: "/src/shop/site.conf", Target: "/etc/apache2/site.conf", ReadOnly: true},
	socket:  model.Mount{Kind: model.Bind, Source: "/var/run/docker.sock", Target: "/var/run/docker.sock"},
	scratch: model.Mount{Kind: model.Tmpfs, Target: "/tmp", Options: "mode=1777,size=64m"},
}

func shopContainer(service string, number int, state model.State) model.Container {
	id := strings.Repeat(fmt.Sprintf("%x", number+len(service)), 32)
	return model.Container{
		ID: id + service, Name: fmt.Sprintf("shop-%s-%d", service, number), Project: "shop", Service: service, Number: number,
		Image: "shop/" + service, ImageID: "sha256:" + service, State: state,
		Created: noon.Add(-time.Hour), Started: noon.Add(-12 * time.Minute), Inspected: true,
		Command: []string{service, "serve"},
	}
}

func shopContainers() []model.Container {
	web := shopContainer("web", 1, model.Running)
	web.Health, web.Mounts = model.Healthy, []model.Mount{shopMounts.config, shopMounts.uploads}
	web.Ports = []model.Port{{Host: "8080", Target: 80, Protocol: "tcp"}}
	web.Env = map[string]model.Masked{"DB_PASSWORD": "hunter2", "LANG": "C.UTF-8"}
	db := shopContainer("db", 1, model.Running)
	db.Health, db.Mounts = model.Unhealthy, []model.Mount{shopMounts.data}
	db.HealthLog = []model.Probe{{At: noon, ExitCode: 1, Output: "connection refused\n"}}
	cache := shopContainer("cache", 1, model.Running)
	cache.ReadOnly, cache.Mounts = true, []model.Mount{shopMounts.scratch}
	agent := shopContainer("agent", 1, model.Exited)
	agent.ExitCode, agent.Finished, agent.Mounts = 3, noon.Add(-5*time.Minute), []model.Mount{shopMounts.socket}
	worker1, worker2 := shopContainer("worker", 1, model.Running), shopContainer("worker", 2, model.Paused)
	return []model.Container{web, db, cache, agent, worker1, worker2, shopContainer("stray", 1, model.Running)}
}

// shopChanges are the changes of each container of the shop, by its name.
var shopChanges = map[string][]model.Change{
	"shop-web-1": {
		{Path: "/run", Kind: model.Modified},
		{Path: "/run/apache2", Kind: model.Modified},
		{Path: "/run/apache2/apache2.pid", Kind: model.Added},
		{Path: "/var", Kind: model.Modified},
		{Path: "/var/lib", Kind: model.Modified},
		{Path: "/var/lib/php", Kind: model.Modified},
		{Path: "/var/lib/php/sessions", Kind: model.Modified},
		{Path: "/var/lib/php/sessions/sess_9f2c", Kind: model.Added},
		{Path: "/var/lib/php/sessions/sess_b01d", Kind: model.Added},
		{Path: "/var/www/html/index.php", Kind: model.Modified},
		{Path: "/var/www/html/readme.html", Kind: model.Deleted},
	},
	"shop-db-1":     {{Path: "/run/mysqld/mysqld.sock", Kind: model.Added}, {Path: "/run/mysqld/mysqld.pid", Kind: model.Added}},
	"shop-cache-1":  {},
	"shop-worker-1": {{Path: "/app/__pycache__/job.pyc", Kind: model.Added}},
	"shop-worker-2": {{Path: "/app/__pycache__/job.pyc", Kind: model.Added}, {Path: "/app/job.log", Kind: model.Added}},
	"shop-stray-1":  {},
}

func shopProject() *model.Project {
	declare := func(name string, mounts ...model.Mount) model.Declared {
		return model.Declared{Name: name, Image: "shop/" + name, Mounts: mounts, Replicas: 1}
	}
	declared := []model.Declared{
		declare("agent", shopMounts.socket), declare("backup"), declare("cache", shopMounts.scratch),
		declare("db", shopMounts.data), declare("web", shopMounts.config, shopMounts.uploads), declare("worker"),
	}
	declared[2].ReadOnly = true
	declared[4].Ports, declared[4].DependsOn = []model.Port{{Host: "8080", Target: 80, Protocol: "tcp"}}, []string{"cache", "db"}
	declared[4].Env = map[string]model.Masked{"DB_PASSWORD": "hunter2"}
	declared[5].Replicas = 2
	return &model.Project{
		Name: "shop", WorkingDir: "/src/shop", Files: []string{"/src/shop/compose.yaml", "/src/shop/compose.override.yaml"},
		Services: declared, Inactive: []model.Declared{{Name: "debug", Inactive: true}}, Warnings: []string{"The \"TAG\" variable is not set. Defaulting to a blank string."},
	}
}

func shopSeen() model.Observation {
	containers := shopContainers()
	images := map[string]model.Image{}
	changes := map[string]model.Changes{}
	var uses []model.VolumeUse
	for _, c := range containers {
		image := model.Image{ID: c.ImageID, Command: c.Command, Env: map[string]model.Masked{"LANG": "C.UTF-8"}}
		images[c.ImageID] = image
		if paths, asked := shopChanges[c.Name]; asked {
			changes[c.ID] = stack.NewChanges(slices.Clone(paths), c, &image, noon.Add(-3*time.Second), 40*time.Millisecond)
		}
		for _, m := range c.Mounts {
			uses = append(uses, model.VolumeUse{Container: c.Name, Project: "shop", Service: c.Service, Running: true, Mount: m})
		}
	}
	uses = append(uses, model.VolumeUse{Container: "nightly", Project: "backups", Service: "dump", Mount: model.Mount{
		Kind: model.Volume, Source: shopMounts.data.Source, Target: "/from", ReadOnly: true,
	}})
	return model.Observation{
		At: noon, Name: "shop",
		Engine:     model.Engine{Product: "docker", Version: "28.2.2", Context: "desktop-linux"},
		Link:       model.Link{State: model.Live, Since: noon},
		Project:    shopProject(),
		Containers: containers, Images: images, Changes: changes, Uses: uses,
	}
}

// webPlan is a plan of the shop's web service with something of each sort.
// otherPlans are those of the other services of the shop that would break: one mends its
// service, one makes program files writable.
func otherPlans() []model.Plan {
	return []model.Plan{
		{Service: "db", Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run/mysqld", Class: "runtime state"}}},
		{Service: "worker", Mounts: []model.PlannedMount{
			{Kind: model.Volume, Target: "/app", Class: "unclassified", Volume: "app", OpensProgram: true, CopiesUp: true},
			{Kind: model.Tmpfs, Target: "/tmp", Class: "temporary files"},
		}},
	}
}

func webPlan() model.Plan {
	added := func(paths ...string) []model.Change {
		changes := make([]model.Change, len(paths))
		for i, p := range paths {
			changes[i] = model.Change{Path: p, Kind: model.Added}
		}
		return changes
	}
	return model.Plan{
		Hints:   []model.Hint{model.HintRestart},
		Service: "web",
		Mounts: []model.PlannedMount{
			{
				Kind: model.Tmpfs, Target: "/run/apache2", Mode: 0o755, Size: 1 << 20, Class: "runtime state",
				Serves: added("/run/apache2/apache2.pid"),
				Reason: "Apache writes its pid file here, which may vanish with the container.",
			},
			{Kind: model.Tmpfs, Target: "/tmp", Mode: 0o1777, Size: 64 << 20, Class: "temp", Assumed: "PHP keeps uploads here while they arrive"},
			{
				Kind: model.Volume, Target: "/var/lib/php/sessions", Volume: "sessions", Class: "session", CopiesUp: true,
				Serves: added("/var/lib/php/sessions/sess_9f2c", "/var/lib/php/sessions/sess_b01d"),
				Reason: "PHP keeps who is logged in here.", Better: "keep sessions in the cache", Warning: "it hides what a newer image ships here",
			},
		},
		Unsolved: []model.Unsolved{{
			Class: "configuration", Path: "/etc/php.ini", Writes: added("/etc/php.ini"),
			Why: "one file among those of the image", Advice: "render it while building the image",
		}},
		Alarms: []model.Unsolved{{
			Class: "code change", Path: "/var/www/html", Writes: []model.Change{
				{Path: "/var/www/html/index.php", Kind: model.Modified}, {Path: "/var/www/html/readme.html", Kind: model.Deleted},
			},
			Why: "what the image ships was changed after deployment", Advice: "find out who did it, and build it into the image",
		}},
		Evidence: "changes over 11 min",
	}
}
