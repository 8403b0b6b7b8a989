package plan

import (
	"strings"
	"testing"

	"petrify/model"
	"petrify/model/modeltest"
)

// A proof holds for one image, definition and plan, and for what the trial has judged.
func TestProofs(t *testing.T) {
	facts := model.Facts{"/run": filled(0o755, 0), "/data": shipped(0o755, 0), "/app": filled(0o755, 0)}
	service := func() (*model.Service, *server) {
		s := planned(nil, "A /run/app.pid", "A /data/app.db", "C /app/lib/site-packages/x.py")
		return s, &server{service: s, facts: facts, wants: []want{
			made("/run/app.pid"), made("/data/app.db"), {path: "/app/lib/site-packages/x.py", acts: model.Stored, goesOn: true},
		}}
	}
	for name, test := range map[string]struct {
		change    func(*model.Service)
		outcome   model.Outcome
		notProved string
	}{
		"as it was tried":       {func(*model.Service) {}, model.Proved, ""},
		"another image":         {func(s *model.Service) { s.Containers[0].ImageID = "sha256:newer" }, model.MendedInPart, "another image"},
		"another definition":    {func(s *model.Service) { s.Declared.Command = []string{"other"} }, model.MendedInPart, "declared otherwise"},
		"a trial that failed":   {func(s *model.Service) { s.Trial.Result = model.TrialFailed }, model.MendedInPart, "did not hold"},
		"no trial":              {func(s *model.Service) { s.Trial = nil }, model.MendedInPart, "no trial was made"},
		"a write that it takes": {wroteMore("A /data/more.db"), model.Proved, ""},
		"a write beside it":     {wroteMore("A /srv/x.db"), model.MendedInPart, "another plan"},
		"more code":             {wroteMore("C /app/lib/site-packages/y.py"), model.MendedInPart, "more was seen to be written"},
	} {
		s, tried := service()
		s.Trial = tried.try(Make(s, facts, model.PlanOptions{}), model.TrialOptions{})
		if s.Trial.Result != model.TrialProved {
			t.Fatal(s.Trial)
		}
		test.change(s)
		p := Make(s, facts, model.PlanOptions{})
		judged := Judge(s, &p)
		if judged.Outcome != test.outcome || (judged.Proof == "") != (judged.NotProved != "") || !strings.Contains(judged.NotProved, test.notProved) {
			t.Errorf("%s: %s, proof %q, not proved as %q\n%s", name, judged.Outcome, judged.Proof, judged.NotProved, p)
		}
	}
}

func wroteMore(line string) func(*model.Service) {
	return func(s *model.Service) {
		s.Evidence.Root = append(s.Evidence.Root, modeltest.Diff(line)...)
		s.Verdict.Blocked = s.Evidence.Root
	}
}

// What a trial mended is the plan from then on, whatever the evidence was before it.
func TestTheProvedPlanIsThePlan(t *testing.T) {
	facts := model.Facts{"/run": filled(0o755, 0), "/tmp": shipped(0o1777, 0), "/work": shipped(0o755, 0)}
	s := planned(nil, "A /run/app.pid")
	tried := &server{service: s, facts: facts, wants: []want{made("/run/app.pid"), made("/work/x").by(33), ran("/work/x")}}
	before := Make(s, facts, model.PlanOptions{})
	s.Trial = tried.try(before, model.TrialOptions{Minimise: true})
	after := Make(s, facts, model.PlanOptions{})
	if s.Trial.Result != model.TrialProved || !after.SameMounts(&s.Trial.Plan) || after.SameMounts(&before) {
		t.Errorf("%s\nbefore\n%s\nproved\n%s\nafter\n%s", s.Trial, before, s.Trial.Plan, after)
	}
	if again := Make(s, facts, model.PlanOptions{Earlier: &after}); again.String() != after.String() {
		t.Errorf("planning again differs:\n%s\n%s", after, again)
	}
	if only := Make(s, facts, model.PlanOptions{NoAssumptions: true}); only.SameMounts(&after) {
		t.Error("a plan without assumptions has the proved one's")
	}
}
