package export

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"petrify/model"
)

// A file that is replaced may plan for services that the new one knows nothing of: those
// that were not named this time, or that do not run now. So each file says which services
// it is for.

// servicesOf are the names of the services that plans are made for, as far as Compose takes
// them.
func servicesOf(plans []model.Plan) []string {
	var names []string
	for i := range plans {
		if plans[i].Planned() && serviceName.MatchString(plans[i].Service) {
			names = append(names, plans[i].Service)
		}
	}
	return names
}

// plansFor says in a header which services a file is for.
func (p *page) plansFor(plans []model.Plan) {
	if names := servicesOf(plans); len(names) > 0 {
		p.comment(fmt.Sprintf("Plans for %s: %s.", model.Plural(len(names), "service"), strings.Join(names, ", ")))
	}
}

var plansForLine = regexp.MustCompile(`(?m)^# Plans for (\d+) services?: `)

// Services returns the services that a file of an earlier plan is for.
func Services(file []byte) []string {
	if !Ours(file) {
		return nil
	}
	if strings.HasPrefix(string(file), "{") {
		return servicesOfJSON(file)
	}
	at := plansForLine.FindSubmatchIndex(file)
	if at == nil {
		return nil
	}
	count, err := strconv.Atoi(string(file[at[2]:at[3]]))
	if err != nil {
		return nil
	}
	var names []string
	for word := range strings.FieldsSeq(string(file[at[1]:])) {
		switch {
		case word == "#": // the list goes on in the next line
		case len(names) == count-1:
			return append(names, strings.TrimSuffix(word, "."))
		default:
			names = append(names, strings.TrimSuffix(word, ","))
		}
	}
	return nil // it was cut
}

func servicesOfJSON(file []byte) []string {
	var doc document
	if json.Unmarshal(file, &doc) != nil {
		return nil
	}
	var names []string
	for _, p := range doc.Plans {
		if !p.Already && p.NotSeen == "" {
			names = append(names, p.Service)
		}
	}
	return names
}

// Missing parts the services of an earlier file that some plans say nothing of into those
// that the project has still, and those that are gone from it.
func Missing(earlier []byte, s *model.Stack, plans []model.Plan) (missing, gone []string) {
	for _, name := range Services(earlier) {
		if slices.ContainsFunc(plans, func(p model.Plan) bool { return p.Service == name && p.NotSeen == "" }) {
			continue
		}
		svc := s.Service(name)
		if slices.Contains(s.Inactive, name) || svc != nil && declared(s, entry{service: svc}) {
			missing = append(missing, name)
		} else {
			gone = append(gone, name)
		}
	}
	return missing, gone
}

// MayReplace returns why a file must not be replaced by some plans: it would lose others.
func MayReplace(name string, earlier []byte, s *model.Stack, plans []model.Plan) error {
	missing, _ := Missing(earlier, s, plans)
	if len(missing) == 0 {
		return nil
	}
	return &model.ProblemError{Problem: model.Problem{
		Text: fmt.Sprintf("%s has a plan for %s as well, of which nothing is known now: it would be lost", name, strings.Join(missing, ", ")),
		Advice: "start it (docker compose up -d, with its profile) and plan again, or write to another file; " +
			"`petrify plan -w` with --force drops it",
	}}
}
