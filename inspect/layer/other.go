//go:build !linux

package layer

import (
	"context"
	"fmt"

	"petrify/model"
)

var errNotLinux = fmt.Errorf("%w: only on Linux", ErrNotHere)

func possible() error { return errNotLinux }

// Find says where the layers of a container are: only on Linux.
func Find(model.Place) (Dirs, error) { return Dirs{}, errNotLinux }

func read(context.Context, Dirs, int) (Result, error) { return Result{}, errNotLinux }
