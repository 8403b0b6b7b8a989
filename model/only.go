package model

import (
	"fmt"
	"strings"
)

// Only keeps some services of a stack, by name; all when none is named. Its error
// names the services that there are.
func (s *Stack) Only(names ...string) (*Stack, error) {
	if len(names) == 0 {
		return s, nil
	}
	kept := *s
	kept.Services = nil
	for _, name := range names {
		service := s.service(name)
		if service == nil {
			return nil, fmt.Errorf("project %q has no service %q; it has %s", s.Name, name, strings.Join(s.names(), ", "))
		}
		kept.Services = append(kept.Services, *service)
	}
	kept.Totals = total(kept.Services)
	return &kept, nil
}

func (s *Stack) names() []string {
	names := make([]string, len(s.Services))
	for i := range s.Services {
		names[i] = s.Services[i].Name
	}
	return names
}
