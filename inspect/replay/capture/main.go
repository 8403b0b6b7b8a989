// Command capture makes a capture of a running Compose project: what its engine answers
// while the project is used.
//
//	go run ./inspect/replay/capture -p wordpress --for 150s -o demo.petrify.gz
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/docker/go-connections/sockets"
	"github.com/moby/moby/client"

	"petrify/inspect/keep"
	"petrify/inspect/record/recorder"
	"petrify/inspect/replay"
	"petrify/inspect/trial/inside"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("capture: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once

	// For the trials of -try it is started in containers, as petrify is.
	tasks := map[string]func(context.Context, io.Reader, io.Writer) error{"trial": inside.Serve, "recorder": recorder.Run}
	if task := tasks[strings.Join(os.Args[1:], " ")]; task != nil {
		if err := task(ctx, os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	o, err := options(os.Args[1:])
	if err == nil {
		err = run(ctx, o)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		log.Fatal(err)
	}
}

type settings struct {
	files   []string
	envFile string
	project string
	host    string
	length  time.Duration
	output  string
	try     bool
}

func options(args []string) (settings, error) {
	var o settings
	flags := flag.NewFlagSet("capture", flag.ContinueOnError)
	flags.Func("f", "a Compose `FILE` of the project, once for each (default: as the containers' labels say)", func(file string) error {
		o.files = append(o.files, file)
		return nil
	})
	flags.StringVar(&o.envFile, "env-file", "", "the `FILE` with the variables of the Compose files (default: as the labels say, or .env)")
	flags.StringVar(&o.project, "p", "", "the project's `NAME`")
	flags.StringVar(&o.host, "host", "", "the engine's `ADDRESS` (default: DOCKER_HOST, or the usual socket)")
	flags.DurationVar(&o.length, "for", 150*time.Second, "how long to capture; Ctrl-C ends it earlier")
	flags.StringVar(&o.output, "o", "", "the `FILE` to write (default: NAME.petrify.gz)")
	flags.BoolVar(&o.try, "try", false, "try the plans of all services at the end, on throw-away copies, and capture that as well")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.project == "" || flags.NArg() > 0 {
		return o, errors.New("name the project with -p; see -h")
	}
	o.output = cmp.Or(o.output, o.project+".petrify.gz")
	return o, nil
}

// run captures, and writes what it has also after Ctrl-C.
func run(ctx context.Context, o settings) error {
	host, transport, err := reach(o.host)
	if err != nil {
		return err
	}
	plain, err := client.New(client.WithHost(host), client.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		return err
	}
	source, err := find(ctx, plain, o)
	if err != nil {
		return err
	}
	dir := "/srv/" + o.project
	c, err := newCapture(host, transport, &hidden{project: o.project, dir: source.dir, new: dir})
	if err != nil {
		return err
	}
	if err := c.asked(ctx); err != nil {
		return fmt.Errorf("ask the engine: %w", err)
	}
	log.Printf("capturing %s for %v", o.project, o.length)
	limited, cancel := context.WithTimeout(ctx, o.length)
	err = c.run(limited)
	cancel()
	if err != nil {
		return err
	}
	length := c.capturer.Elapsed()
	log.Printf("captured %d containers for %v; now reading what a plan asks for, and the originals of changed files from their images",
		len(c.containers), length.Round(time.Second))
	if err := c.facts(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	if err := c.originals(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	about := replay.About{
		Name:    o.project,
		Millis:  length.Milliseconds(),
		Project: o.project,
		Dir:     dir,
		Files:   source.files,
		Environ: source.environ,
	}
	if o.try {
		if err := c.trials(ctx, plain, about); err != nil {
			return fmt.Errorf("try the plans: %w", err)
		}
	}
	return write(o.output, c.capturer, about)
}

// reach says where the engine is, and how it is reached.
func reach(host string) (string, *http.Transport, error) {
	host = cmp.Or(host, os.Getenv(client.EnvOverrideHost), client.DefaultDockerHost)
	address, err := client.ParseHostURL(host)
	if err != nil {
		return "", nil, err
	}
	transport := &http.Transport{}
	if err := sockets.ConfigureTransport(transport, address.Scheme, address.Host); err != nil {
		return "", nil, fmt.Errorf("reach %s: %w", host, err)
	}
	return host, transport, nil
}

// write leaves an older file alone until the new one is whole.
func write(name string, capturer *replay.Capturer, about replay.About) error {
	var content bytes.Buffer
	if err := capturer.Write(&content, about); err != nil {
		return err
	}
	if err := keep.Replace(name, content.Bytes()); err != nil {
		return err
	}
	log.Printf("wrote %s: %d KiB", name, content.Len()>>10)
	return nil
}
