// Command petrify shows what a Compose stack writes, and what a read-only root
// would make of it.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"petrify/inspect/compose"
	"petrify/inspect/connect"
	"petrify/inspect/keep"
	"petrify/inspect/record/recorder"
	"petrify/inspect/replay"
	"petrify/inspect/session"
	"petrify/inspect/trial/inside"
	"petrify/model"
	"petrify/ui"
	"petrify/ui/command"
)

func main() {
	// Go's HTTP client logs what a server says out of turn, which would land in
	// the middle of the screen.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second one ends the program, whatever it does
	program := &command.Program{
		Name:        os.Args[0],
		Open:        open,
		Demo:        openDemo,
		Contexts:    func() ([]string, error) { return connect.Contexts(connect.Options{}) },
		Record:      recorder.Run,
		Trial:       inside.Serve,
		Files:       planFiles{},
		Preferences: preferences{},
		Now:         time.Now,
	}
	code := program.Run(ctx, os.Args[1:], command.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

func open(o command.Options) (command.Session, error) {
	s, err := session.Open(compose.Options{
		Files:       o.Files,
		ProjectName: o.ProjectName,
		Profiles:    o.Profiles,
		EnvFiles:    o.EnvFiles,
		ProjectDir:  o.ProjectDir,
		Stdin:       o.Stdin,
	}, connect.Options{Context: o.Context, Host: o.Host})
	if err != nil {
		return nil, err
	}
	return opened{s}, nil
}

// opened is a session as the commands know it.
type opened struct{ *session.Session }

func (o opened) Watch(ctx context.Context, services ...string) command.Live {
	return o.Session.Watch(ctx, services...)
}

func (o opened) WatchProject(ctx context.Context, p model.ProjectSummary) command.Live {
	return o.Session.WatchProject(ctx, p)
}

// demo is the stack that petrify brings along.
type demo struct{ *replay.Capture }

func openDemo() (command.Demo, error) {
	capture, err := replay.Demo()
	if err != nil {
		return nil, err
	}
	return demo{capture}, nil
}

func (d demo) Hold(ctx context.Context, at time.Duration) (command.Source, func() time.Time, error) {
	return play(ctx, d.At(at))
}

func (d demo) Play(ctx context.Context, from time.Duration) (command.Source, func() time.Time, error) {
	return play(ctx, d.From(from))
}

func play(ctx context.Context, capture *replay.Capture) (command.Source, func() time.Time, error) {
	played, clock, err := session.Replay(ctx, capture, time.Now)
	if err != nil {
		return nil, nil, err
	}
	return played, clock, nil
}

// planFiles replaces the files that plans are written to.
type planFiles struct{}

func (planFiles) MayReplace(name string, ours func(head []byte) bool, whoever bool) error {
	return keep.MayReplace(name, ours, whoever)
}

func (planFiles) Read(name string) ([]byte, error) { return keep.Read(name) }

func (planFiles) Replace(name string, content []byte) error { return keep.Replace(name, content) }

// preferences keeps how somebody likes the screen.
type preferences struct{}

func (preferences) folder() keep.Folder {
	return keep.Folder{Ending: ".json", MostFiles: 1, MostBytes: 4096}.InState("screen")
}

func (p preferences) file() string { return p.folder().Path("preferences") }

func (p preferences) Load() (kept ui.Preferences) {
	content, err := keep.Read(p.file())
	if err != nil || json.Unmarshal(content, &kept) != nil {
		return ui.Preferences{}
	}
	return kept
}

func (p preferences) Save(now ui.Preferences) {
	if content, err := json.Marshal(now); err == nil {
		_ = p.folder().Replace(p.file(), content) // it is only about comfort
	}
}
