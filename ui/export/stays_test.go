package export

import (
	"slices"
	"strings"
	"testing"

	"petrify/model"
)

// A service that has to stay writable is left out of Compose files, and that is said;
// other targets have no trouble with configs.
func TestServicesThatStayWritable(t *testing.T) {
	s := &model.Stack{Name: "shop", Services: []model.Service{{Name: "app", Declared: &model.Declared{Name: "app", Image: "app"}}}}
	plans := []model.Plan{{Service: "app", Stays: model.StaysCopiedIn}}
	for name, write := range formats {
		if name == "json" {
			continue
		}
		text, notes := export(t, write, s, plans)
		ofCompose := name == "compose" || name == "compose-v2"
		switched := strings.Contains(text, "read_only: true") || strings.Contains(text, "readOnlyRootFilesystem: true") || strings.Contains(text, "--read-only")
		if switched == ofCompose {
			t.Errorf("%s: switched %t:\n%s", name, switched, text)
		}
		said := slices.ContainsFunc(notes, func(n string) bool {
			return strings.HasPrefix(n, "app: ") && strings.Contains(n, model.StaysCopiedIn.String()) && strings.Contains(n, model.StaysCopiedIn.Advice())
		})
		if said != ofCompose {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
}

func TestWatchedServicesAreNoted(t *testing.T) {
	s := &model.Stack{Name: "shop", Services: []model.Service{{Name: "dev", Declared: &model.Declared{Name: "dev"}}}}
	plans := []model.Plan{{Service: "dev", Unsolved: []model.Unsolved{{Reason: model.OpenSynced, Path: "/app", Why: "docker compose watch copies there", Advice: "mount it"}}}}
	text, notes := export(t, writeCompose, s, plans)
	if !strings.Contains(text, "read_only: true") || !strings.Contains(text, "# Not solved: docker compose watch copies there") {
		t.Error(text)
	}
	if !slices.Contains(notes, "dev: /app: docker compose watch copies there: mount it") {
		t.Errorf("%q", notes)
	}
}

func TestInactiveServicesSayTheirProfile(t *testing.T) {
	s := &model.Stack{Name: "shop", Services: []model.Service{{Name: "tools", Declared: &model.Declared{Name: "tools", Profiles: []string{"ops"}, Inactive: true}}}}
	text, _ := export(t, writeCompose, s, []model.Plan{{Service: "tools"}})
	if !strings.Contains(text, "--profile ops") || !strings.Contains(text, "read_only: true") {
		t.Error(text)
	}
}
