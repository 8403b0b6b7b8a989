package replay

import (
	"encoding/json"
	"fmt"

	"petrify/model"
)

// Trial is how the plan of a service was tried, on the stack as it was at the end of the
// capture.
type Trial struct {
	Service string        `json:"service"`
	Consent model.Consent `json:"consent"` // what was created for it
	Plan    model.Plan    `json:"plan"`    // that it began with
	Runs    []model.Run   `json:"runs"`    // the baseline, then the rounds
}

// Trial returns the trial of a service; nil where there is none.
func (c *Capture) Trial(service string) *Trial { return c.trials[service] }

func (c *Capture) addTrial(raw json.RawMessage) error {
	var t Trial
	if err := json.Unmarshal(raw, &t); err != nil {
		return fmt.Errorf("a trial: %w", err)
	}
	c.trials[t.Service] = &t
	return nil
}

// Trial keeps how a plan was tried.
func (c *Capturer) Trial(t Trial) error {
	raw, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode the trial of %s: %w", t.Service, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trials = append(c.trials, c.rewrite("/trials", raw))
	return nil
}
