package export

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
)

type format = func(io.Writer, *model.Stack, []model.Plan) ([]string, error)

// formats are those of the table, by name.
var formats = func() map[string]format {
	all := map[string]format{}
	for _, f := range Formats {
		all[f.Name] = f.Write
	}
	return all
}()

// Whoever chooses a format finds each in the README, and what it is.
func TestFormatsAreExplained(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range Formats {
		if f.Name == "" || f.About == "" || f.File == "" || f.Write == nil {
			t.Errorf("something of %+v is missing", f)
		}
		if files[f.File] != "" {
			t.Errorf("%s and %s are written to the same file", f.Name, files[f.File])
		}
		files[f.File] = f.Name
		if f.Name != Formats[0].Name && !strings.Contains(string(readme), "`"+f.Name+"`") {
			t.Errorf("the README does not name %s", f.Name)
		}
	}
}

func export(t testing.TB, write format, s *model.Stack, plans []model.Plan) (text string, notes []string) {
	t.Helper()
	var b strings.Builder
	notes, err := write(&b, s, plans)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), notes
}

func TestFormats(t *testing.T) {
	for name, write := range formats {
		t.Run(name, func(t *testing.T) {
			s, plans := shop()
			text, notes := export(t, write, s, plans)
			golden.RequireEqual(t, text+"--- notes ---\n"+strings.Join(notes, "\n")+"\n")
		})
	}
}

// TestNoValueIsWritten looks for the values of variables in every format.
func TestNoValueIsWritten(t *testing.T) {
	for name, write := range formats {
		s, plans := shop()
		text, notes := export(t, write, s, plans)
		for _, secret := range []string{"hunter2", "prod", "secret\""} {
			if strings.Contains(text+strings.Join(notes, ""), secret) {
				t.Errorf("%s shows %q", name, secret)
			}
		}
	}
}

func TestEveryFormatIsRecognised(t *testing.T) {
	for name, write := range formats {
		s, plans := shop()
		text, _ := export(t, write, s, plans)
		if !Ours([]byte(text)) {
			t.Errorf("%s does not begin as petrify's own", name)
		}
	}
	for _, other := range []string{"", "services:\n", "# petrify", "{\n  \"schema\": \"petrify.check/v1\"\n}"} {
		if Ours([]byte(other)) {
			t.Errorf("%q counts as petrify's own", other)
		}
	}
}

// TestHostileNames has names of services that some formats do not take.
func TestHostileNames(t *testing.T) {
	for seed := range uint64(20) {
		services := []string{"web", hostile[2*seed], hostile[2*seed+1] + "x"}
		s, plans := randomPlans(rand.New(rand.NewPCG(seed, 2)), services)
		for name, write := range formats {
			text, notes := export(t, write, s, plans)
			safe(t, text+strings.Join(notes, "\n"))
			for _, service := range services {
				if name != "compose" && name != "compose-v2" && name != "swarm" || serviceName.MatchString(service) {
					continue
				}
				if !strings.Contains(strings.Join(notes, "\n"), "Compose does not take its name") {
					t.Errorf("%s: no note says that service %q is left out: %q", name, service, notes)
				}
			}
		}
		readCompose(t, first(export(t, writeCompose, s, plans)), taken(services))
		readSwarm(t, first(export(t, writeSwarm, s, plans)), taken(services))
		readKubernetes(t, first(export(t, writeKubernetes, s, plans)), services)
		readKubernetes(t, first(export(t, writeDeployments, s, plans)), services)
		readDockerRun(t, first(export(t, writeDockerRun, s, plans)), services)
	}
}

func first(text string, _ []string) string { return text }

// taken are the names that Compose takes.
func taken(services []string) []string {
	return slices.DeleteFunc(slices.Clone(services), func(name string) bool { return !serviceName.MatchString(name) })
}

func TestNothingToWrite(t *testing.T) {
	for name, write := range formats {
		text, notes := export(t, write, &model.Stack{}, nil)
		if !Ours([]byte(text)) {
			t.Errorf("%s: %q", name, text)
		}
		for _, note := range notes {
			if strings.Contains(note, "left out") {
				t.Errorf("%s: %s", name, note)
			}
		}
	}
	text, _ := export(t, writeCompose, &model.Stack{}, nil)
	readCompose(t, text, nil)
}

// What to do before a plan is made again is said in each format.
func TestHintsAreInEveryFormat(t *testing.T) {
	s, plans := stackOf("web")
	plans[0].Hints = []model.Hint{model.HintRestart}
	for _, f := range Formats {
		var file bytes.Buffer
		if _, err := f.Write(&file, s, plans); err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(file.String(), "#", "")), " "))
		if !strings.Contains(text, model.HintRestart.String()) {
			t.Errorf("%s does not say it:\n%s", f.Name, file.String())
		}
	}
}
