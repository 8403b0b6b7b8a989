package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const renewal = "run `go run ./screenshots` at the top, look at the pictures, and commit them"

// TestPicturesAreCurrent draws every scene again, in synctest's time, where a
// frame has settled when there is nothing left to do.
func TestPicturesAreCurrent(t *testing.T) {
	if _, err := os.Stat(filepath.Join("..", demo)); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the demo's capture is not in the tree")
	}
	capture, err := openCapture(filepath.Join("..", demo))
	if err != nil {
		t.Fatal(err)
	}
	for _, scene := range scenes {
		t.Run(scene.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := picture(t.Context(), capture, scene)
				time.Sleep(2 * time.Minute) // the program's minute tick cannot be cancelled
				if err != nil {
					t.Fatal(err)
				}
				want, err := os.ReadFile(scene.Name + ".svg")
				if err != nil {
					t.Fatalf("%v: %s", err, renewal)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s.svg is stale: %s", scene.Name, renewal)
				}
				if len(got) > 120_000+40_000*len(scene.Then) {
					t.Errorf("%s.svg has %d bytes, which is much for a page to load", scene.Name, len(got))
				}
			})
		})
	}
}

func TestEveryPictureHasItsScene(t *testing.T) {
	files, err := filepath.Glob("*.svg")
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for _, scene := range scenes {
		if known[scene.Name] {
			t.Errorf("two scenes are named %s", scene.Name)
		}
		known[scene.Name] = true
	}
	for _, file := range files {
		if !known[strings.TrimSuffix(file, ".svg")] {
			t.Errorf("no scene draws %s: remove it", file)
		}
	}
}
