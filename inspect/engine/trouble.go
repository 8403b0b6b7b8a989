package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"

	"petrify/model"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// callError is a question that an engine did not answer.
type callError struct {
	doing   string
	address string
	err     error
}

func (e *callError) Error() string { return e.doing + ": " + said(e.err) }
func (e *callError) Unwrap() error { return e.err }

func (e *Engine) failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return &callError{doing: doing, address: e.about.Address, err: err}
}

// failedAt is failed for a question about one container. An engine that is about
// to remove it fails in ways of its own, such as a file that its storage driver
// misses, before it says that there is no such container. So it is asked again.
func (e *Engine) failedAt(ctx context.Context, id, doing string, err error) error {
	if errdefs.IsInternal(err) {
		found, again := e.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		switch {
		case IsGone(again):
			err = again
		case again == nil && found.Container.State != nil && (found.Container.State.Status == "removing" || found.Container.State.Dead):
			err = &goneError{err}
		}
	}
	return e.failed(doing+" "+short(id), err)
}

// goneError is whatever an engine says of a container that it removes.
type goneError struct{ error }

func (e *goneError) Unwrap() error { return e.error }

// advisedError carries its own advice.
type advisedError struct {
	error
	advice string
}

func (e *advisedError) Unwrap() error { return e.error }

// Advise adds to an error what to do about it; Explain tells it.
func Advise(err error, advice string) error { return &advisedError{err, advice} }

// IsGone reports whether an error means that the container is not there any
// more. An engine that is about to remove it answers that it is marked for removal.
func IsGone(err error) bool {
	_, gone := errors.AsType[*goneError](err)
	return gone || errdefs.IsNotFound(err) ||
		errdefs.IsConflict(err) && strings.Contains(err.Error(), "marked for removal")
}

// The words of the client, which speaks API 1.40 and newer, and those of an
// engine that was asked in a version it does not know.
var (
	clientTellsTooOld = regexp.MustCompile(`API version (\S+) is not supported by this client`)
	engineTellsTooOld = regexp.MustCompile(`Maximum supported API version is ([\d.]+)`)
	engineTellsTooNew = regexp.MustCompile(`Minimum supported API version is ([\d.]+)`)
)

const (
	adviceOther   = "start it, or name another engine with -H, -c or DOCKER_HOST"
	adviceAddress = "check the address: it comes from -H, -c, DOCKER_HOST or docker's current context"
	adviceTLS     = "check the certificates: DOCKER_CERT_PATH and DOCKER_TLS_VERIFY, or those of the docker context"
	adviceWait    = "it may be busy; what is shown is renewed once it answers"
)

// Explain says what is wrong and what to do about it.
func Explain(err error) model.Problem {
	if err == nil {
		return model.Problem{}
	}
	if advised, ok := errors.AsType[*advisedError](err); ok {
		return model.Problem{Text: err.Error(), Advice: advised.advice}
	}
	address := "the engine's address"
	if call, ok := errors.AsType[*callError](err); ok && call.address != "" {
		address = strings.TrimPrefix(call.address, "unix://")
	}
	text := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		return model.Problem{Text: "the question to the engine was cancelled"}
	case timedOut(err):
		return model.Problem{Text: "the engine did not answer in time", Advice: adviceWait}
	case errors.Is(err, os.ErrPermission), strings.Contains(text, "permission denied while trying to connect"):
		return denied(address)
	case clientTellsTooOld.MatchString(text):
		return tooOld(clientTellsTooOld.FindStringSubmatch(text)[1])
	case engineTellsTooOld.MatchString(text):
		return tooOld(engineTellsTooOld.FindStringSubmatch(text)[1])
	case engineTellsTooNew.MatchString(text):
		return model.Problem{
			Text:   "the engine answers API " + engineTellsTooNew.FindStringSubmatch(text)[1] + " and newer only",
			Advice: "unset DOCKER_API_VERSION, or update petrify",
		}
	case wrongTLS(err):
		return model.Problem{Text: "no secure connection to " + address + ": " + said(err), Advice: adviceTLS}
	case garbage(err):
		return model.Problem{Text: "what answers at " + address + " does not speak like an engine: " + said(err), Advice: adviceAddress}
	case client.IsErrConnectionFailed(err):
		return unreachable(address, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return model.Problem{Text: "the engine hung up", Advice: "it may be restarting"}
	case IsGone(err):
		return model.Problem{Text: "it is not there any more: " + said(err)}
	}
	return model.Problem{Text: text, Advice: "the engine's own log may say more"}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

func timedOut(err error) bool {
	failure, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && failure.Timeout()
}

func tooOld(version string) model.Problem {
	return model.Problem{
		Text:   fmt.Sprintf("the engine is too old: it speaks API %s, and petrify needs %s", version, client.MinAPIVersion),
		Advice: "update it to Docker 19.03 or Podman 3, or newer",
	}
}

// denied names the socket and the group that may use it. The client's error
// keeps neither.
func denied(address string) model.Problem {
	user, group, ok := owners(address)
	if !ok {
		return model.Problem{Text: "permission denied on " + address, Advice: "run with sudo"}
	}
	p := model.Problem{Text: fmt.Sprintf("permission denied on %s (owned by %s:%s)", address, user, group)}
	if group == "root" {
		p.Advice = "run with sudo, or name an engine of your own with -H or -c"
	} else {
		p.Advice = fmt.Sprintf("add yourself to the group %s (sudo usermod -aG %[1]s $USER, then log in again), or run with sudo", group)
	}
	return p
}

func unreachable(address string, err error) model.Problem {
	switch {
	case strings.HasPrefix(address, "/") && !exists(address):
		return model.Problem{Text: "no engine at " + address + ": there is no such socket", Advice: adviceOther}
	case strings.HasPrefix(address, "/"):
		return model.Problem{Text: "nothing answers at " + address, Advice: adviceOther}
	}
	text := "nothing answers at " + address
	// The client adds a question here, which our own advice answers.
	if why := said(err); !strings.Contains(why, "Is the docker daemon running?") {
		text += ": " + why
	}
	return model.Problem{Text: text, Advice: adviceOther}
}

// wrongTLS goes by the words: the client passes most of these on as text only.
func wrongTLS(err error) bool {
	text := err.Error()
	for _, sign := range []string{"tls: ", "HTTP request to an HTTPS server", "HTTP response to HTTPS client", "daemon without TLS"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// garbage reports whether an answer is no JSON, or JSON of another shape, or no HTTP at
// all.
func garbage(err error) bool {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "malformed HTTP") || strings.Contains(text, "check if the server supports the requested API version")
}

// said takes the client's own words off an error: they name the daemon, where
// the reader knows whom we asked, and print the advice of another program.
func said(err error) string {
	text := strings.TrimPrefix(err.Error(), "Error response from daemon: ")
	text = strings.TrimPrefix(text, "error during connect: ")
	text, _, _ = strings.Cut(text, "\n")
	return text
}
