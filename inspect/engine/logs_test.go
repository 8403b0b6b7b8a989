package engine

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"petrify/model"
)

const clock = "2026-11-23T01:01:33.237526929Z "

func TestLineWriter(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for name, test := range map[string]struct {
		messages []string
		want     []string
	}{
		"lines":             {[]string{clock + "one\n", clock + "two\n"}, []string{"01:01:33 one", "01:01:33 two"}},
		"a line in parts":   {[]string{clock + "one ", clock + "two ", clock + "three\n"}, []string{"01:01:33 one two three"}},
		"several in one":    {[]string{clock + "one\n" + clock + "two\n"}, []string{"01:01:33 one", "01:01:33 two"}},
		"empty lines":       {[]string{clock + "\n", "\n"}, []string{"01:01:33 ", "never "}},
		"no end":            {[]string{clock + "one"}, []string{"01:01:33 one"}},
		"no time":           {[]string{"just text\n", "2026 is a year\n"}, []string{"never just text", "never 2026 is a year"}},
		"too long":          {[]string{clock + long, clock + "more", clock + "end\n", clock + "next\n"}, []string{"01:01:33 " + long, "01:01:33 next"}},
		"a return stays":    {[]string{clock + "50%\r100%\r\n"}, []string{"01:01:33 50%\r100%\r"}},
		"nothing":           {[]string{""}, nil},
		"its own time":      {[]string{clock + clock + "text\n"}, []string{"01:01:33 " + clock + "text"}},
		"a zone, as Podman": {[]string{"2026-11-23T03:01:33.237526929+02:00 one\n"}, []string{"01:01:33 one"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			w := &lineWriter{each: func(l model.LogLine) { got = append(got, stamp(l.At)+" "+l.Text) }}
			for _, m := range test.messages {
				w.Write([]byte(m))
			}
			w.end()
			if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", test.want); g != w {
				t.Errorf("got  %.200s\nwant %.200s", g, w)
			}
		})
	}
}

func FuzzLogs(f *testing.F) {
	f.Add([]byte(clock+"one\r\n"+clock+"two"), true)
	f.Add([]byte("\n\n"+clock), false)
	f.Fuzz(func(t *testing.T, stream []byte, tty bool) {
		w := &lineWriter{each: func(l model.LogLine) {
			if len(l.Text) > maxLine || strings.Contains(l.Text, "\n") {
				t.Errorf("%.100q", l.Text)
			}
		}}
		if tty {
			if err := copyTerminal(w, bytes.NewReader(stream)); err != nil {
				t.Error(err)
			}
		} else {
			w.Write(stream)
		}
		w.end()
	})
}

func TestALogThatCannotBeRead(t *testing.T) {
	e := standIn(t, answers{
		"/containers/one/json": text(200, `{"Id":"one","HostConfig":{"LogConfig":{"Type":"none"}}}`),
		"/containers/one/logs": text(501, `{"message":"configured logging driver does not support reading"}`),
	})
	err := e.Logs(t.Context(), "one", 10, func(model.LogLine) {})
	problem, ok := errors.AsType[*model.ProblemError](err)
	if !ok || !strings.HasPrefix(problem.Text, "there is no log: the logging driver none ") || problem.Advice == "" {
		t.Errorf("got %#v", err)
	}
}
