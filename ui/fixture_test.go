package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"petrify/model"
)

// noon is when all that the tests show happens.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// stillSource hands out one stack after another and answers from maps.
type stillSource struct {
	offer    model.RecorderOffer
	recorded []string // what Record was asked for
	refuses  error
	stacks   chan *model.Stack
	infos    map[string]model.FileInfo
	compare  map[string]model.Comparison
	plan     model.Plan
	anyPlan  bool // other services than the plan's have empty ones
	log      []string
	looked   []attention
	asked    int
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

func (s *stillSource) Stat(_ context.Context, _ string, paths []string) ([]model.FileInfo, error) {
	infos := make([]model.FileInfo, len(paths))
	for i, p := range paths {
		infos[i] = s.infos[p]
		infos[i].Path = p
	}
	return infos, nil
}

func (s *stillSource) Recorder(context.Context) (model.RecorderOffer, error) {
	return s.offer, nil
}

func (s *stillSource) Record(_ context.Context, on bool, _ ...string) error {
	s.recorded = append(s.recorded, map[bool]string{true: "on", false: "off"}[on])
	return s.refuses
}

func (s *stillSource) Plan(_ context.Context, stack *model.Stack, service string) (model.Plan, error) {
	if s.anyPlan && s.plan.Service != service {
		return model.Plan{Service: service, Already: true}, nil
	}
	if s.plan.Service != service {
		return model.Plan{}, fmt.Errorf("%s of %s: no plan in this test", service, stack.Name)
	}
	return s.plan, nil
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
	app := New(ctx, source, Options{Now: func() time.Time { return noon }, Zone: time.UTC})
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
		case nil, tickMsg, secondMsg, tea.QuitMsg:
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

// keys presses keys by their names, as in "down down enter".
func (s *screen) keys(names string) *screen {
	for _, name := range strings.Fields(names) {
		s.send(press(name))
	}
	return s
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
func shop() *model.Stack { return model.Lay(shopSeen(), nil) }

func shopSeen() model.Observation {
	volume := func(name, target string) model.Mount {
		return model.Mount{Kind: model.Volume, Source: "shop_" + name, Target: target}
	}
	uploads := volume("uploads", "/var/www/html/wp-content/uploads")
	data := volume("data", "/var/lib/mysql")
	config := model.Mount{Kind: model.Bind, Source: "/src/shop/site.conf", Target: "/etc/apache2/site.conf", ReadOnly: true}
	socket := model.Mount{Kind: model.Bind, Source: "/var/run/docker.sock", Target: "/var/run/docker.sock"}
	scratch := model.Mount{Kind: model.Tmpfs, Target: "/tmp", Options: "mode=1777,size=64m"}
	container := func(service string, number int, state model.State) model.Container {
		id := strings.Repeat(fmt.Sprintf("%x", number+len(service)), 32)
		return model.Container{
			ID: id + service, Name: fmt.Sprintf("shop-%s-%d", service, number), Project: "shop", Service: service, Number: number,
			Image: "shop/" + service, ImageID: "sha256:" + service, State: state,
			Created: noon.Add(-time.Hour), Started: noon.Add(-12 * time.Minute), Inspected: true,
			Command: []string{service, "serve"},
		}
	}
	web := container("web", 1, model.Running)
	web.Health, web.Mounts = model.Healthy, []model.Mount{config, uploads}
	web.Ports = []model.Port{{Host: "8080", Target: 80, Protocol: "tcp"}}
	web.Env = map[string]model.Masked{"DB_PASSWORD": "hunter2", "LANG": "C.UTF-8"}
	db := container("db", 1, model.Running)
	db.Health, db.Mounts = model.Unhealthy, []model.Mount{data}
	db.HealthLog = []model.Probe{{At: noon, ExitCode: 1, Output: "connection refused\n"}}
	cache := container("cache", 1, model.Running)
	cache.ReadOnly, cache.Mounts = true, []model.Mount{scratch}
	agent := container("agent", 1, model.Exited)
	agent.ExitCode, agent.Finished, agent.Mounts = 3, noon.Add(-5*time.Minute), []model.Mount{socket}
	worker1, worker2 := container("worker", 1, model.Running), container("worker", 2, model.Paused)
	stray := container("stray", 1, model.Running)

	images := map[string]model.Image{}
	changes := map[string]model.Changes{}
	containers := []model.Container{web, db, cache, agent, worker1, worker2, stray}
	for _, c := range containers {
		images[c.ImageID] = model.Image{ID: c.ImageID, Command: c.Command, Env: map[string]model.Masked{"LANG": "C.UTF-8"}}
	}
	change := func(c model.Container, paths ...model.Change) {
		img := images[c.ImageID]
		changes[c.ID] = model.NewChanges(paths, c, &img, noon.Add(-3*time.Second), 40*time.Millisecond)
	}
	change(web,
		model.Change{Path: "/run", Kind: model.Modified},
		model.Change{Path: "/run/apache2", Kind: model.Modified},
		model.Change{Path: "/run/apache2/apache2.pid", Kind: model.Added},
		model.Change{Path: "/var", Kind: model.Modified},
		model.Change{Path: "/var/lib", Kind: model.Modified},
		model.Change{Path: "/var/lib/php", Kind: model.Modified},
		model.Change{Path: "/var/lib/php/sessions", Kind: model.Modified},
		model.Change{Path: "/var/lib/php/sessions/sess_9f2c", Kind: model.Added},
		model.Change{Path: "/var/lib/php/sessions/sess_b01d", Kind: model.Added},
		model.Change{Path: "/var/www/html/index.php", Kind: model.Modified},
		model.Change{Path: "/var/www/html/readme.html", Kind: model.Deleted},
	)
	change(db, model.Change{Path: "/run/mysqld/mysqld.sock", Kind: model.Added}, model.Change{Path: "/run/mysqld/mysqld.pid", Kind: model.Added})
	change(cache)
	change(worker1, model.Change{Path: "/app/__pycache__/job.pyc", Kind: model.Added})
	change(worker2, model.Change{Path: "/app/__pycache__/job.pyc", Kind: model.Added}, model.Change{Path: "/app/job.log", Kind: model.Added})
	change(stray)

	declare := func(name string, mounts ...model.Mount) model.Declared {
		return model.Declared{Name: name, Image: "shop/" + name, Mounts: mounts, Replicas: 1}
	}
	declared := []model.Declared{
		declare("agent", socket), declare("backup"), declare("cache", scratch),
		declare("db", data), declare("web", config, uploads), declare("worker"),
	}
	declared[2].ReadOnly = true
	declared[4].Ports, declared[4].DependsOn = web.Ports, []string{"cache", "db"}
	declared[4].Env = map[string]model.Masked{"DB_PASSWORD": "hunter2"}
	declared[5].Replicas = 2
	var uses []model.VolumeUse
	for _, c := range containers {
		for _, m := range c.Mounts {
			uses = append(uses, model.VolumeUse{Container: c.Name, Project: "shop", Service: c.Service, Running: true, Mount: m})
		}
	}
	uses = append(uses, model.VolumeUse{Container: "nightly", Project: "backups", Service: "dump", Mount: model.Mount{
		Kind: model.Volume, Source: data.Source, Target: "/from", ReadOnly: true,
	}})
	return model.Observation{
		At: noon, Name: "shop",
		Engine:     model.Engine{Product: "docker", Version: "28.2.2", Context: "desktop-linux"},
		Link:       model.Link{State: model.Live, Since: noon},
		Project:    &model.Project{Name: "shop", WorkingDir: "/src/shop", Files: []string{"/src/shop/compose.yaml", "/src/shop/compose.override.yaml"}, Services: declared, Inactive: []string{"debug"}, Warnings: []string{"The \"TAG\" variable is not set. Defaulting to a blank string."}},
		Containers: containers, Images: images, Changes: changes, Uses: uses,
	}
}

// webPlan is a plan of the shop's web service with something of each sort.
func webPlan() model.Plan {
	added := func(paths ...string) []model.Change {
		changes := make([]model.Change, len(paths))
		for i, p := range paths {
			changes[i] = model.Change{Path: p, Kind: model.Added}
		}
		return changes
	}
	return model.Plan{
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
			Class: "code or package mutation", Path: "/var/www/html", Writes: []model.Change{
				{Path: "/var/www/html/index.php", Kind: model.Modified}, {Path: "/var/www/html/readme.html", Kind: model.Deleted},
			},
			Why: "what the image ships was changed after deployment", Advice: "find out who did it, and build it into the image",
		}},
		Evidence: "changes over 11 min",
	}
}
