package engine

import (
	"context"
	"fmt"
	"path"
	"slices"

	"petrify/model"

	"github.com/moby/moby/api/types/system"
)

// What engines tell of the owners of files in their archives:
//
//   - Docker with remapped users (userns-remap) tells the ids that the host has. In the
//     archive of a directory that is 939:5009 in its container, Docker 20.10 has
//     100939:105009. The name of the data
//     folder says which ids root has there: /var/lib/docker/100000.100000.
//   - Podman 4.3 tells the container's user as the owner of everything. The modes are right.
//
// An owner is told by its id in the container; where that is not known, it is said.

// ids is how the owners in an engine's archives are to be read.
type ids struct {
	uid, gid     int  // what the host calls root of a container
	ownerUnknown bool // nobody knows whose a file is
}

func idsOf(product model.Product, info system.Info) ids {
	if product == model.Podman {
		return ids{ownerUnknown: true}
	}
	if !slices.ContainsFunc(info.SecurityOptions, func(option string) bool { return option == "userns" || option == "name=userns" }) {
		return ids{}
	}
	var root ids
	if n, err := fmt.Sscanf(path.Base(info.DockerRootDir), "%d.%d", &root.uid, &root.gid); n != 2 || err != nil || root.uid <= 0 || root.gid <= 0 {
		return ids{ownerUnknown: true}
	}
	return root
}

// ids asks the engine how to read owners, once.
func (e *Engine) ids(ctx context.Context) ids {
	if known := e.owned.Load(); known != nil {
		return *known
	}
	if _, _, err := e.About(ctx); err != nil {
		return ids{} // asked again, if it matters: without an answer there are no files either
	}
	return *e.owned.Load()
}

// own tells the owner of a file as its container does.
func (i ids) own(info *model.FileInfo) {
	info.OwnerUnknown = i.ownerUnknown
	if i.ownerUnknown {
		info.UID, info.GID = 0, 0
		return
	}
	// Lower ids are not the container's own: there the owner shows as "nobody".
	if info.UID >= i.uid && info.GID >= i.gid {
		info.UID -= i.uid
		info.GID -= i.gid
	} else {
		info.UID, info.GID, info.OwnerUnknown = 0, 0, true
	}
}
