package export

import (
	"strings"
	"testing"
)

// TestSwarmVersion lays the plan over files of each version: docker stack deploy
// wants all to be of the same.
func TestSwarmVersion(t *testing.T) {
	for version, want := range map[string]string{
		"":          "",
		"3":         `version: "3"`,
		"3.2":       `version: "3.2"`,
		"3.13":      `version: "3.13"`,
		"3.1":       "", // has no long form of volumes
		"2.4":       "",
		"3.8\nx: y": "",
	} {
		s, plans := shop()
		s.Version = version
		text, notes := export(t, writeSwarm, s, plans)
		got := ""
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "version:") {
				got = strings.TrimSpace(line)
			}
		}
		if got != want {
			t.Errorf("version %q: the plan states %q, want %q", version, got, want)
		}
		noted := strings.Contains(strings.Join(notes, "\n"), "Swarm does not deploy files of version")
		if noted != (want == "" && version != "") {
			t.Errorf("version %q: noted is %v", version, noted)
		}
		readSwarm(t, text, []string{"web", "db"})
	}
}
