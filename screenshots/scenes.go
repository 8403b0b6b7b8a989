package main

import (
	"strings"
	"time"
)

// Scene is one picture: a terminal, and the keys that lead to what it shows.
type Scene struct {
	Name, Title   string // of the file, and in the window's title bar
	Columns, Rows int
	Dark          bool
	Keys          []string
	// Until tells by the frame's text that what the scene is about is on it.
	Until func(text string) bool
	// Then are what a moving picture goes on with, for as many seconds as each has.
	Then    []Stop
	Seconds int
}

// Stop is a further place of a moving picture: the keys that lead there from the one before.
type Stop struct {
	Keys    []string
	Until   func(text string) bool
	Seconds int
}

// moment is where in the capture the pictures are taken: the site has been
// used for a while, and what it wrote has been seen.
const moment = 200 * time.Second

// started tells that the stack is on screen, so that keys may be pressed.
var started = shows("web", "db", "cache", "worker")

// scenes are the pictures of the README. The first service is the worst one, web.
var scenes = []Scene{
	{
		Name: "story", Title: "petrify demo", Columns: 110, Rows: 32, Dark: true, Seconds: 4,
		Then: []Stop{
			{Keys: []string{"3"}, Until: shows("apache2.pid"), Seconds: 4},
			{Keys: []string{"r"}, Until: shows("READ-ONLY PREVIEW", "2 mended", "1 in part"), Seconds: 5},
			{Keys: []string{"down", "down", "4"}, Until: shows("mended by"), Seconds: 4},
			{Keys: []string{"t"}, Until: shows("Try the plan of worker"), Seconds: 4},
			{Keys: []string{"y"}, Until: shows("✓ proved", "round 2"), Seconds: 6},
			{Keys: []string{"e"}, Until: shows("read_only: true"), Seconds: 5},
		},
	},
	{Name: "stack", Title: "petrify demo", Columns: 110, Rows: 32, Dark: true},
	{Name: "mounts", Title: "petrify demo", Columns: 110, Rows: 32, Dark: true, Keys: []string{"2", "enter", "down", "down"}},
	{
		Name: "changes", Title: "petrify demo", Columns: 110, Rows: 32, Dark: true,
		Keys: []string{"3"}, Until: shows("apache2.pid"),
	},
	{
		Name: "preview", Title: "petrify demo", Columns: 110, Rows: 32, Dark: true,
		Keys: []string{"3", "r"}, Until: shows("READ-ONLY PREVIEW", "apache2.pid", "2 mended", "1 in part"),
	},
	{
		Name: "light", Title: "petrify demo", Columns: 110, Rows: 32,
		Keys: []string{"3"}, Until: shows("apache2.pid"),
	},
	{
		Name: "plan", Title: "petrify demo", Columns: 110, Rows: 32, Dark: true,
		Keys: []string{"4", "enter", "end", "up", "up"}, Until: shows("mended by", "evidence", "+1           would break ⇒"),
	},
	{
		Name: "trial", Title: "petrify demo", Columns: 110, Rows: 32, Dark: true,
		Keys: []string{"down", "down", "4", "t", "y"}, Until: shows("✓ proved", "round 2"),
	},
	{
		Name: "diff", Title: "petrify demo", Columns: 110, Rows: 20, Dark: true,
		Keys: []string{"3", "enter", "end", "up", "up", "up", "enter"}, Until: shows("@@"),
	},
	{Name: "narrow", Title: "petrify demo", Columns: 60, Rows: 30, Dark: true},
}

// shows tells a frame by words that are all on it.
func shows(words ...string) func(text string) bool {
	return func(text string) bool {
		for _, word := range words {
			if !strings.Contains(text, word) {
				return false
			}
		}
		return true
	}
}
