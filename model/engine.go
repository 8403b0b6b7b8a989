package model

import (
	"strings"
	"time"
)

// Engine says which engine answers, and how it is reached.
type Engine struct {
	Product    Product // "" where it does not say
	Version    string
	APIVersion string
	Context    string // the docker context's name, or [DefaultContext]; "" when reached by its address alone
	Address    string // such as unix:///var/run/docker.sock
	OS         string // what the engine says it runs on
	Storage    string // storage driver
	Rootless   bool
	Capture    string // name of the capture that answers; "" for an engine
}

// DefaultContext is docker's name for the engine of no stored context.
const DefaultContext = "default"

// Product is what an engine is.
type Product string

// The products whose engines differ where it matters here.
const (
	Docker Product = "docker"
	Podman Product = "podman"
)

// Unrecordable says why the containers of an engine cannot be recorded; "" when they
// can. To watch a file system takes rights over it that no user namespace gives.
func (e Engine) Unrecordable() string {
	switch {
	case e.Rootless:
		return "the engine runs without root, and Linux lets only root watch writes"
	case e.Product == Podman:
		return "recording is not known to work with Podman"
	case strings.HasPrefix(e.OS, "Windows") || strings.HasPrefix(e.OS, "Microsoft"):
		return "the engine runs Windows containers, and only Linux tells who writes"
	default:
		return ""
	}
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
