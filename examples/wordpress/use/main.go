// Command use visits the example's site as its people would, so that its containers
// write what such containers write: it installs WordPress, reads, posts, uploads,
// and lets the site change its own code.
//
//	go run ./examples/wordpress/use [-url http://127.0.0.1:8080] [-slowly] [-keep-code]
//
// It can run again on the same site. It talks to this machine only, as the password
// that it sets is written below.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"time"
)

// spread is how long the acts take together with -slowly: long enough to watch
// changes arrive one by one.
const spread = 90 * time.Second

// act is one thing that somebody does on the site; what it did is told in a line.
type act struct {
	name string
	do   func(context.Context) (string, error)
	code bool // it changes the site's own code
}

func main() {
	address := flag.String("url", "http://127.0.0.1:8080", "where the site answers, on this machine")
	slowly := flag.Bool("slowly", false, fmt.Sprintf("spread the acts over %s", spread))
	keepCode := flag.Bool("keep-code", false, "leave the site's own code as it is, as a read-only root does")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *address, *slowly, *keepCode); err != nil {
		fmt.Fprintln(os.Stderr, "use:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address string, slowly, keepCode bool) error {
	site, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("reading the address: %w", err)
	}
	if ip := net.ParseIP(site.Hostname()); site.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not on this machine: give a loopback address", address)
	}
	ctx, cancel := context.WithTimeout(ctx, 8*time.Minute)
	defer cancel()

	owner, stranger := newPerson(site), newPerson(site)
	acts := []act{
		{"wait for the site", owner.waitForSite, false},
		{"install WordPress", owner.install, false},
		{"read the front page twice", stranger.readTwice, false},
		{"log in", owner.logIn, false},
		{"write a post", owner.post, false},
		{"upload a picture", owner.upload, false},
		{"read the post", func(ctx context.Context) (string, error) { return stranger.read(ctx, owner.lastPost) }, false},
		{"install a plugin", owner.installPlugin, true},
		{"edit the theme's style", owner.editStyle, true},
		{"delete the plugin Akismet", owner.deleteAkismet, true},
		{"choose pretty links", owner.choosePrettyLinks, true},
		// Late, as the jobs that a new site runs first may drop it.
		{"schedule a post", owner.schedulePost, false},
		{"have the worker publish the post", owner.awaitPost, false},
	}
	if keepCode {
		acts = slices.DeleteFunc(acts, func(a act) bool { return a.code })
	}
	started := time.Now()
	for i, act := range acts {
		if slowly {
			due := started.Add(spread * time.Duration(i) / time.Duration(len(acts)))
			if err := sleep(ctx, time.Until(due)); err != nil {
				return err
			}
		}
		did, err := act.do(ctx)
		if err != nil {
			return fmt.Errorf("could not %s: %w", act.name, err)
		}
		fmt.Printf("%6.1fs  %s: %s\n", time.Since(started).Seconds(), act.name, did)
	}
	return nil
}

// every calls try once a second until it is done, fails, or the time is up.
func every(ctx context.Context, limit time.Duration, try func() (done bool, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("gave up after %s", limit))
	defer cancel()
	for {
		if done, err := try(); done || err != nil {
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			return cause
		}
		return errors.New("interrupted")
	case <-time.After(d):
		return nil
	}
}
