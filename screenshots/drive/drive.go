// Package drive runs a terminal program without a terminal, presses its keys and
// takes the frame that it shows in the end.
package drive

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Script says in what terminal a program runs and what a user does.
type Script struct {
	Columns, Rows int
	Background    color.Color // what the terminal answers when asked for it
	// Ready tells the frame at which the first key may be pressed, and Done the
	// last one, both by their text without styling. nil takes any frame.
	Ready, Done func(text string) bool
	Keys        []string // one after the other, by their names in Bubble Tea
}

const (
	// quiet is how long a frame must stay as it is to count as what a key led
	// to. It is longer than the quarter of a second over which refreshes are
	// gathered. In tests the time is synctest's, where it passes only when
	// everything waits: there the outcome does not depend on the machine.
	quiet = 300 * time.Millisecond
	// frameLimit is how long a program may take for a frame to stay as it is.
	frameLimit = 20 * time.Second
)

// Frame runs a program through a script and returns its last frame, styled. It
// ends the program, but not commands of it that still wait for something: they
// end with what they wait for.
func Frame(ctx context.Context, model tea.Model, script Script) (string, error) {
	keys := make([]tea.KeyPressMsg, len(script.Keys))
	for i, name := range script.Keys {
		key, err := press(name)
		if err != nil {
			return "", err
		}
		keys[i] = key
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := stage{frames: make(chan string, 1), ended: make(chan struct{})}
	program := tea.NewProgram(actor{model, script.Background, s.frames},
		tea.WithContext(ctx),
		tea.WithInput(nil),
		tea.WithOutput(io.Discard),
		tea.WithoutRenderer(),
		tea.WithoutSignalHandler(),
		tea.WithoutCatchPanics(), // a panic here is for whoever makes the pictures
		tea.WithEnvironment([]string{"TERM=xterm-256color"}),
		tea.WithColorProfile(colorprofile.TrueColor),
		tea.WithWindowSize(script.Columns, script.Rows),
	)
	go func() {
		defer close(s.ended)
		_, s.err = program.Run()
	}()
	defer func() {
		cancel()
		<-s.ended
	}()

	if err := s.waitForFrame(ctx, script.Ready); err != nil {
		return "", fmt.Errorf("before the first key: %w", err)
	}
	for i, key := range keys {
		program.Send(key)
		if err := s.waitForFrame(ctx, nil); err != nil {
			return "", fmt.Errorf("after key %d, %s: %w", i+1, key, err)
		}
	}
	if script.Done != nil {
		if err := s.waitForFrame(ctx, script.Done); err != nil {
			return "", fmt.Errorf("after all keys: %w", err)
		}
	}
	return s.frame, nil
}

// actor is the model on stage: every frame that it shows is seen.
type actor struct {
	tea.Model
	background color.Color
	frames     chan string // holds the newest
}

func (a actor) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	a.Model, cmd = a.Model.Update(msg)
	if _, ok := msg.(tea.WindowSizeMsg); ok {
		// Bubble Tea asks nothing where there is no input: the answer of the
		// terminal, which comes after its size, is given here.
		cmd = tea.Batch(cmd, func() tea.Msg { return tea.BackgroundColorMsg{Color: a.background} })
	}
	return a, cmd
}

func (a actor) View() tea.View {
	view := a.Model.View()
	select {
	case <-a.frames: // nobody saw it in time
	default:
	}
	a.frames <- view.Content // has room: nobody else sends
	return view
}

// stage is where a program is watched.
type stage struct {
	frames chan string
	frame  string        // the last one seen
	ended  chan struct{} // closed when the program has ended
	err    error         // why, once it has
}

// waitForFrame waits until the frame is as wanted and stays as it is.
func (s *stage) waitForFrame(ctx context.Context, wanted func(text string) bool) error {
	ctx, cancel := context.WithTimeout(ctx, frameLimit)
	defer cancel()
	still := time.NewTimer(quiet)
	defer still.Stop()
	for {
		select {
		case frame := <-s.frames:
			if frame != s.frame {
				s.frame = frame
				still.Reset(quiet)
			}
		case <-still.C:
			if wanted == nil || wanted(ansi.Strip(s.frame)) {
				return nil
			}
		case <-s.ended:
			return errors.Join(errors.New("the program ended"), s.err)
		case <-ctx.Done():
			return fmt.Errorf("the frame went on changing (%w); the last one was:\n%s", ctx.Err(), ansi.Strip(s.frame))
		}
	}
}
