package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"petrify/inspect/compose"
	"petrify/inspect/connect"
	"petrify/model"
)

// No engine is asked where files declare the services.
func TestServicesOfTheFilesHere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte("services: {web: {image: a}, db: {image: b}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Session{files: compose.Options{Dir: dir}}
	names, err := s.Services(t.Context())
	if err != nil || !slices.Equal(names, []string{"db", "web"}) {
		t.Errorf("%v, %v", names, err)
	}
}

func TestServicesThatRun(t *testing.T) {
	names := runningNames([]model.Container{
		{Project: "shop", Service: "web"},
		{Project: "blog", Service: "php"},
		{Project: "shop", Service: "db"},
		{Project: "shop"},
		{Project: "shop", Service: "web"},
	}, "shop")
	if !slices.Equal(names, []string{"db", "web"}) {
		t.Errorf("got %v", names)
	}
}

// A name of the files needs no engine; any other is looked for among what runs.
func TestHasServices(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte("name: shop\nservices: {web: {image: a}, db: {image: b}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(compose.Options{Dir: dir}, connect.Options{Host: "unix://" + filepath.Join(dir, "none.sock")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.HasServices(t.Context(), "web", "db"); err != nil {
		t.Error(err)
	}
	err = s.HasServices(t.Context(), "web", "wbe")
	unknown, ok := errors.AsType[*model.UnknownServiceError](err)
	if !ok || unknown.Service != "wbe" || unknown.Project != "shop" || !slices.Equal(unknown.Known, []string{"db", "web"}) {
		t.Errorf("got %#v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.HasServices(ctx, "wbe"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after an interrupt", err)
	}
}
