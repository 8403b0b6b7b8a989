package compose

import (
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/sirupsen/logrus"
)

// listening serialises what compose-go does: it warns through the logger of the
// whole process, and nothing else says which file a warning belongs to.
var listening sync.Mutex

// listen runs a reading of files and returns the warnings that compose-go would
// have printed over the screen meanwhile, each once.
func listen(read func() error) ([]string, error) {
	listening.Lock()
	defer listening.Unlock()
	var heard ear
	logger := logrus.StandardLogger()
	output := logger.Out
	hooks := logger.ReplaceHooks(logrus.LevelHooks{})
	logger.AddHook(&heard)
	logger.SetOutput(io.Discard)
	defer func() {
		logger.ReplaceHooks(hooks)
		logger.SetOutput(output)
	}()
	err := read()
	return heard.warnings, err
}

// ear is a hook of logrus that keeps warnings.
type ear struct{ warnings []string }

func (*ear) Levels() []logrus.Level {
	return []logrus.Level{logrus.WarnLevel, logrus.ErrorLevel}
}

func (e *ear) Fire(entry *logrus.Entry) error {
	// The warning about an obsolete `version` comes once for each process, so
	// that it would vanish at the first refresh.
	if strings.Contains(entry.Message, "`version` is obsolete") || slices.Contains(e.warnings, entry.Message) {
		return nil
	}
	e.warnings = append(e.warnings, entry.Message)
	return nil
}
