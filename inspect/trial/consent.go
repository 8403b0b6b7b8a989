package trial

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"petrify/inspect/helper"
	"petrify/inspect/record"
	"petrify/inspect/trial/inside"
	"petrify/model"
)

// Consent lists all that trials of some services would create, one after the other. The
// problem says why they cannot be run; the error, why nobody can tell.
func (t *Trials) Consent(ctx context.Context, stack *model.Stack, services []string, options model.TrialOptions) (model.Consent, error) {
	consent := model.Consent{Networks: []model.NewNetwork{{Name: "petrify-trial-…", Egress: options.Egress}}}
	copied := map[string]bool{}
	for i, service := range services {
		p, err := t.prepare(ctx, stack, service, options)
		if err != nil {
			return model.Consent{}, err
		}
		if p.beside {
			t.measure(ctx, &p.layout)
		}
		if i == 0 {
			if consent.Problem = t.ownConsent(ctx, &consent, p, options); consent.Problem != nil {
				return consent, nil
			}
		}
		for _, o := range p.originals {
			if !copied[o.service] {
				copied[o.service] = true
				consent.Containers = append(consent.Containers, newContainer(o, p.originals))
			}
		}
		for _, e := range options.Exercise {
			if e.Service != "" && !among(p.originals, e.Service) {
				consent.Notes = append(consent.Notes, fmt.Sprintf("%s is not exercised when %s is tried, which does not depend on it", e.Service, service))
			}
		}
		p.consentTo(&consent)
		if consent.Problem = t.problem(ctx, p, options.Data); consent.Problem != nil {
			return consent, nil
		}
	}
	return consent, nil
}

// ownConsent lists petrify's own containers.
func (t *Trials) ownConsent(ctx context.Context, consent *model.Consent, p *prepared, options model.TrialOptions) *model.Problem {
	tasks := []helper.Task{{}}
	if len(p.layout.volumes) > 0 {
		tasks[0].Capabilities = keeperRights
	}
	if !p.beside {
		tasks = append(tasks, helper.Task{}) // in the network of a copy
	}
	if !p.beside && p.recorder != nil {
		tasks = append(tasks, record.Task)
	}
	for _, task := range tasks {
		own, err := t.helper.Consent(ctx, task)
		if err != nil {
			return &model.Problem{Text: err.Error(), Advice: "a trial needs a container of petrify's own"}
		}
		consent.Images = own.Images
		consent.Containers = append(consent.Containers, own.Containers...)
	}
	if options.Publish {
		consent.Notes = append(consent.Notes, "its ports are opened on 127.0.0.1 of this machine, which reaches the copy only where the engine runs on it")
	}
	if p.blind != "" {
		consent.Notes = append(consent.Notes, "refused writes cannot be seen, and a trial judges by what the services answer: "+p.blind)
	}
	return nil
}

// newContainer describes the copy of a service.
func newContainer(o *original, all []*original) model.NewContainer {
	made := copyOf(o, setting{originals: all, layout: &layout{}, names: map[string]string{}})
	image := o.found.Config.Image
	if image == "" || strings.HasPrefix(image, "sha256:") {
		image = made.Config.Image
	}
	return model.NewContainer{Service: o.service, Image: image, Capabilities: made.HostConfig.CapAdd}
}

// among reports whether a service is among those that are copied.
func among(originals []*original, service string) bool {
	return slices.ContainsFunc(originals, func(o *original) bool { return o.service == service })
}

// consentTo adds the volumes and notes of one trial.
func (p *prepared) consentTo(consent *model.Consent) {
	for _, v := range p.layout.volumes {
		made := model.NewVolume{Service: v.service, Target: v.target, Bytes: v.bytes}
		if v.from != nil {
			made.From = v.from.Source
		}
		if !slices.Contains(consent.Volumes, made) {
			consent.Volumes = append(consent.Volumes, made)
		}
	}
	notes := slices.Clone(p.layout.notes)
	for _, o := range p.originals {
		notes = append(notes, notesOf(o, setting{originals: p.originals})...)
	}
	for _, note := range notes {
		if !slices.Contains(consent.Notes, note) {
			consent.Notes = append(consent.Notes, note)
		}
	}
	slices.SortFunc(consent.Volumes, func(a, b model.NewVolume) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Target, b.Target))
	})
}

// problem says why a trial does not fit, where petrify can look itself. Elsewhere its
// container looks before anything is copied.
func (t *Trials) problem(ctx context.Context, p *prepared, data model.TrialData) *model.Problem {
	if !p.beside || p.dataRoot == "" {
		return nil
	}
	room, err := inside.Free(p.dataRoot)
	if err != nil {
		return nil
	}
	return p.layout.tooMuch(room, t.memory(ctx, p.originals), data)
}
