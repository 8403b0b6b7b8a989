package engine

import (
	"context"
	"slices"
	"strings"

	"petrify/model"

	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"
)

// About says which engine answers, and where it keeps its data.
func (e *Engine) About(ctx context.Context) (about model.Engine, dataRoot string, err error) {
	// Negotiating first makes an engine that is too old say so in words.
	if _, err := e.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return e.about, "", e.failed("reach the engine", err)
	}
	var version client.ServerVersionResult
	var info client.SystemInfoResult
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		version, err = e.api.ServerVersion(ctx, client.ServerVersionOptions{})
		return err
	})
	both.Go(func() (err error) {
		info, err = e.api.Info(ctx, client.InfoOptions{})
		return err
	})
	if err := both.Wait(); err != nil {
		return e.about, "", e.failed("ask the engine about itself", err)
	}

	about = e.about
	about.Product = product(version)
	owned := idsOf(about.Product, info.Info)
	e.owned.Store(&owned)
	about.Version = version.Version
	about.APIVersion = version.APIVersion
	about.OS = info.Info.OperatingSystem
	about.Storage = info.Info.Driver
	about.Rootless = slices.ContainsFunc(info.Info.SecurityOptions, func(option string) bool {
		return option == "rootless" || option == "name=rootless"
	})
	return about, info.Info.DockerRootDir, nil
}

// product reads the product from the components: Podman answers in Docker's place, with a
// component "Podman Engine" where Docker has "Engine".
func product(v client.ServerVersionResult) model.Product {
	for _, component := range v.Components {
		if strings.HasPrefix(component.Name, "Podman") {
			return model.Podman
		}
	}
	return model.Docker
}
