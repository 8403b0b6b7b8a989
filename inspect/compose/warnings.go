package compose

import (
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/sirupsen/logrus"
)

// oneReader serialises what compose-go does: it warns through the logger of the
// whole process, and nothing else says which file a warning belongs to.
var oneReader sync.Mutex

// withWarnings runs a reading of files and returns the warnings that compose-go would
// have printed over the screen meanwhile, each once.
func withWarnings(read func() error) ([]string, error) {
	oneReader.Lock()
	defer oneReader.Unlock()
	var kept warningHook
	logger := logrus.StandardLogger()
	output := logger.Out
	hooks := logger.ReplaceHooks(logrus.LevelHooks{})
	logger.AddHook(&kept)
	logger.SetOutput(io.Discard)
	defer func() {
		logger.ReplaceHooks(hooks)
		logger.SetOutput(output)
	}()
	err := read()
	return kept.warnings, err
}

// warningHook is a hook of logrus that keeps warnings.
type warningHook struct{ warnings []string }

func (*warningHook) Levels() []logrus.Level {
	return []logrus.Level{logrus.WarnLevel, logrus.ErrorLevel}
}

func (h *warningHook) Fire(entry *logrus.Entry) error {
	// The warning about an obsolete `version` comes once for each process, so
	// that it would vanish at the first refresh.
	if strings.Contains(entry.Message, "`version` is obsolete") || slices.Contains(h.warnings, entry.Message) {
		return nil
	}
	h.warnings = append(h.warnings, entry.Message)
	return nil
}
