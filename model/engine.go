package model

import "time"

// Engine says which engine answers, and how it is reached.
type Engine struct {
	Product    string // "docker" or "podman"
	Version    string
	APIVersion string
	Context    string // the docker context's name; "" when reached by its address alone
	Address    string // such as unix:///var/run/docker.sock
	OS         string // what the engine says it runs on
	Storage    string // storage driver
	Rootless   bool
	Recording  string // name of the recording that answers; "" for an engine
}

// Link says whether what is on screen is what the engine last said.
type Link struct {
	State  LinkState
	Since  time.Time // when it came into this state
	Reason string    // why it is not live
	Advice string    // what to do about it
}

// LinkState is the state of the connection to the engine.
type LinkState string

// The states of a connection.
const (
	Connecting LinkState = "connecting" // no answer yet
	Live       LinkState = "live"
	Stale      LinkState = "stale" // the last good data is shown
)

// LogLine is one line that a container wrote.
type LogLine struct {
	At     time.Time
	Stderr bool
	Text   string // raw: any bytes, without the line's end
}
