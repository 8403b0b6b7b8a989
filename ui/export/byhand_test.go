package export

import (
	"strings"
	"testing"
)

// What a person changed in a file of a plan is known by its sum.
func TestByHand(t *testing.T) {
	plan := "# petrify plan v1: a Compose override\nservices:\n  web:\n    read_only: true\n"
	signed := string(Signed([]byte(plan)))
	for name, test := range map[string]struct {
		file string
		want bool
	}{
		"as written":              {signed, false},
		"with other line ends":    {strings.ReplaceAll(signed, "\n", "\r\n"), false},
		"a line more":             {strings.Replace(signed, "  web:\n", "  web:\n    user: app\n", 1), true},
		"a line less":             {strings.Replace(signed, "    read_only: true\n", "", 1), true},
		"something below":         {signed + "volumes: {}\n", true},
		"another sum":             {signed[:len(signed)-2] + "x\n", true},
		"no sum":                  {plan + "volumes: {}\n", false},
		"nothing":                 {"", false},
		"a sum that is not there": {plan + string(sumLine), true},
	} {
		if got := ByHand([]byte(test.file)); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	if !strings.HasPrefix(signed, plan) || len(strings.Split(signed[len(plan):], "\n")) != 3 {
		t.Errorf("signed it is %q", signed)
	}
	json := string(jsonSignature) + " ..."
	if got := string(Signed([]byte(json))); got != json {
		t.Errorf("JSON becomes %q", got)
	}
}
