package engine

import (
	"archive/tar"
	"context"
	"errors"
	"io"

	"petrify/model"
)

// maxContent bounds how much of one file is read for a comparison.
const maxContent = 1 << 20

// Compare reads a changed file beside the image's original. Nothing is run or
// made for it: what is now there comes from an archive of the container, the
// original from an export of the image.
func (e *Engine) Compare(ctx context.Context, id, path string) (model.Comparison, error) {
	comparison := model.Comparison{Path: path}
	err := e.open(ctx, id, path, func(info model.FileInfo, content *tar.Reader) (err error) {
		comparison.Now, err = readVersion(info, content)
		return err
	})
	switch {
	case errors.Is(err, errNoFile) && unreadable(path, err) == errNoFile.Error():
		comparison.Now = model.Version{}
	case err != nil && aboutPath(err):
		comparison.Now = model.Version{Problem: unreadable(path, err)}
	case err != nil:
		return comparison, e.failedAt(ctx, id, "read a file of container", err)
	}
	comparison.Original, err = e.original(ctx, id, path)
	if err != nil {
		return comparison, err
	}
	owners := e.owners(ctx, id) // the image's own users, if the container did not change them
	for _, version := range []*model.Version{&comparison.Now, &comparison.Original} {
		if version.Exists && !version.Info.OwnerUnknown {
			version.Info.Owner = owners[version.Info.UID]
		}
	}
	return comparison, nil
}

func readVersion(info model.FileInfo, content io.Reader) (model.Version, error) {
	version := model.Version{Exists: true, Info: info}
	if info.Type != model.Regular {
		return version, nil
	}
	var err error
	version.Content, err = io.ReadAll(io.LimitReader(content, maxContent))
	version.Truncated = info.Size > int64(len(version.Content))
	return version, err
}
