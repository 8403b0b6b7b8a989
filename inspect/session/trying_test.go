package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"petrify/inspect/proofs"
	"petrify/model"
)

// madeCopies are copies of tests: each run is taken from a list.
type madeCopies struct {
	mu     sync.Mutex
	runs   []model.Run
	plans  []string // what was run
	opened []string
	closed int
	fails  error // of Open
	hangs  bool  // the run does not end by itself
	swept  int
}

func (m *madeCopies) Consent(context.Context, *model.Stack, []string, model.TrialOptions) (model.Consent, error) {
	return model.Consent{Networks: []model.NewNetwork{{Name: "n"}}}, nil
}

func (m *madeCopies) Open(_ context.Context, _ *model.Stack, service string, _ model.TrialOptions, _ func(string)) (copies, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened = append(m.opened, service)
	if m.fails != nil {
		return nil, m.fails
	}
	return m, nil
}

func (*madeCopies) Start(string) *model.Plan { return nil }

func (m *madeCopies) Sweep(context.Context) error { m.swept++; return nil }

func (m *madeCopies) Run(ctx context.Context, p *model.Plan, step func(model.TrialStep)) (model.Run, error) {
	step(model.TrialStep{Kind: model.StartStep})
	if m.hangs {
		<-ctx.Done()
		return model.Run{}, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	what := "baseline"
	if p != nil {
		what = strings.TrimSpace(p.String())
	}
	m.plans = append(m.plans, what)
	run := m.runs[0]
	m.runs = m.runs[1:]
	return run, nil
}

func (m *madeCopies) Close() error { m.closed++; return nil }

// shownTrials takes what is shown of trials.
type shownTrials struct {
	mu     sync.Mutex
	states []model.Trying
	kept   []*model.Trial
}

func (*shownTrials) Project() string { return "shop" }

func (s *shownTrials) ShowTrying(t model.Trying) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states = append(s.states, t)
}

func (s *shownTrials) ShowTried(trials []*model.Trial) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = trials
}

// triedStackOf is a stack of services that write a pid file.
func triedStackOf(names ...string) (*model.Stack, *imagesSeen) {
	stack, from := &model.Stack{Name: "shop"}, &imagesSeen{answers: map[string]func(string) model.ImagePath{}}
	for _, name := range names {
		from.answers[name] = func(p string) model.ImagePath {
			return model.ImagePath{Known: true, Exists: p == "/run" || p == "/", Type: model.Directory, Mode: 0o755, Real: p}
		}
		stack.Services = append(stack.Services, model.Service{
			Name: name, Declared: &model.Declared{Name: name, Image: name}, Containers: []model.Container{{ID: name, ImageID: "sha256:" + name, Inspected: true}},
			Image: &model.Image{ID: "sha256:" + name}, Evidence: model.Evidence{From: []model.Source{model.FromChanges}},
		})
	}
	return stack, from
}

func ranWell(writes ...model.Write) model.Run {
	run := model.Run{Steps: []model.TrialStep{{Kind: model.StartStep}, {Kind: model.ReadyStep, Answer: "healthy"}}}
	run.Evidence = model.Evidence{From: []model.Source{model.FromRecording}, Writes: writes}
	for i := range writes {
		run.Evidence.Root = append(run.Evidence.Root, writes[i].Change())
	}
	return run
}

func refusedPid() model.Run {
	run := ranWell(model.Write{Path: "/run/a.pid", Refused: 1, Refusal: model.Refusal{Acts: model.Made, Err: model.ReadOnlyError, Call: "openat"}})
	run.Steps = []model.TrialStep{{Kind: model.StartStep, Err: "it ended"}}
	return run
}

func newTestTrying(t *testing.T, from *imagesSeen, made *madeCopies) (*trying, *shownTrials, *proofs.Store) {
	shown, store := &shownTrials{}, proofs.Open(t.TempDir())
	return newTrying(t.Context(), made, planner{from: from}, store, shown), shown, store
}

// Trials run one service after the other, are kept, and clean up.
func TestTrialsAreRunAndKept(t *testing.T) {
	wrote := model.Write{Path: "/run/a.pid", Acts: model.Made, Count: 1}
	stack, from := triedStackOf("db", "web")
	made := &madeCopies{runs: []model.Run{
		ranWell(wrote), refusedPid(), ranWell(), // db is mended
		{Steps: []model.TrialStep{{Kind: model.StartStep, Err: "it ended"}}}, // web has no baseline
	}}
	tried, shown, store := newTestTrying(t, from, made)
	consent, err := tried.TrialConsent(t.Context(), stack, model.TrialOptions{})
	if err != nil || len(consent.Networks) != 1 || made.swept != 1 {
		t.Errorf("%+v, %v", consent, err)
	}
	if err := tried.StartTrial(t.Context(), stack, model.TrialOptions{}); err != nil {
		t.Fatal(err)
	}
	ended(t, tried)
	kept := store.Project("shop")
	slices.SortFunc(kept, func(a, b *model.Trial) int { return strings.Compare(a.Service, b.Service) })
	if len(kept) != 2 || kept[0].Result != model.TrialProved || len(kept[0].Rounds) != 2 || kept[1].Result != model.TrialNoBaseline || len(shown.kept) != 2 {
		t.Errorf("kept %v, shown %v", kept, shown.kept)
	}
	if !slices.Equal(made.opened, []string{"db", "web"}) || made.closed != 2 || len(made.plans) != 4 || !strings.Contains(made.plans[2], "tmpfs /run") {
		t.Errorf("opened %v, closed %d, ran %q", made.opened, made.closed, made.plans)
	}
	if last := shown.states[len(shown.states)-1]; last.State != model.NoJob || last.Service != "" {
		t.Errorf("at last %+v", last)
	}
	if !slices.ContainsFunc(shown.states, func(s model.Trying) bool {
		return s.Service == "db" && s.Total == 2 && s.Step == "start" && s.Trial != nil && len(s.Trial.Rounds) == 1
	}) {
		t.Errorf("the second round was not told: %+v", shown.states)
	}
}

// One that is stopped cleans up, and replaces no proof.
func TestAStoppedTrialCleansUp(t *testing.T) {
	stack, from := triedStackOf("web")
	made := &madeCopies{hangs: true}
	tried, _, store := newTestTrying(t, from, made)
	if err := store.Save(&model.Trial{Project: "shop", Service: "web", ImageID: "sha256:web", Result: model.TrialProved}); err != nil {
		t.Fatal(err)
	}
	if err := tried.StartTrial(t.Context(), stack, model.TrialOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := tried.StartTrial(t.Context(), stack, model.TrialOptions{}); err == nil {
		t.Error("two trials run at the same time")
	}
	tried.StopTrial()
	if err := tried.Finish(); err != nil {
		t.Error(err)
	}
	if made.closed != len(made.opened) || store.Project("shop")[0].Result != model.TrialProved {
		t.Errorf("closed %d of %d; kept %s", made.closed, len(made.opened), store.Project("shop")[0])
	}
}

// One service that cannot be tried hinders no other, and is told of.
func TestATrialThatCannotBe(t *testing.T) {
	stack, from := triedStackOf("db", "web")
	made := &madeCopies{fails: errors.New("no room")}
	tried, shown, _ := newTestTrying(t, from, made)
	if err := tried.StartTrial(t.Context(), stack, model.TrialOptions{}); err != nil {
		t.Fatal(err)
	}
	ended(t, tried)
	last := shown.states[len(shown.states)-1]
	if last.State != model.JobFailed || !strings.Contains(last.Reason, "db: no room; web: no room") || len(made.opened) != 2 {
		t.Errorf("%+v, opened %v", last, made.opened)
	}
	if err := tried.StartTrial(t.Context(), stack, model.TrialOptions{Without: []string{"/none"}}, "web"); err != nil {
		t.Fatal(err)
	}
	ended(t, tried)
	if last := shown.states[len(shown.states)-1]; !strings.Contains(last.Reason, "the plan of web has no mount at /none") {
		t.Errorf("%+v", last)
	}
	if _, err := tried.TrialConsent(t.Context(), stack, model.TrialOptions{}, "wbe"); err == nil {
		t.Error("a service that is not there is tried")
	}
}

// ended waits until no trial is under way.
func ended(t *testing.T, tried *trying) {
	t.Helper()
	for tried.job.UnderWay() {
		time.Sleep(time.Millisecond)
	}
}
