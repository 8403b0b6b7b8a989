package helper

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"petrify/inspect/unpack"
)

// program is the petrify that a helper runs, as the image holds it.
type program struct {
	hash string
	open func() (io.ReadCloser, int64, error)
}

// image names the image of a program after what is in it: another petrify brings
// another one.
func (p program) image() string { return repository + ":" + p.hash[:16] }

// Releases put a helper for each kind of Linux here, packed, for engines elsewhere.
//
//go:embed shipped
var shippedFiles embed.FS

func shipped(arch string) (program, bool) {
	packed, err := shippedFiles.ReadFile("shipped/linux-" + arch + ".gz")
	if err != nil {
		return program{}, false
	}
	return program{hash: hashOf(bytes.NewReader(packed)), open: func() (io.ReadCloser, int64, error) {
		unpacked, _, err := unpack.Open(bytes.NewReader(packed))
		if err != nil {
			return nil, 0, err
		}
		defer unpacked.Close()
		binary, err := io.ReadAll(unpacked)
		return io.NopCloser(bytes.NewReader(binary)), int64(len(binary)), err
	}}, true
}

// errDynamic is the error for a petrify that needs libraries, which an empty image lacks.
var errDynamic = errors.New("this petrify needs the C library, which an empty image lacks: build it with CGO_ENABLED=0, take a release, or run it as root beside the engine")

// ownProgram is petrify itself, which does the tasks of a helper as well.
var ownProgram = sync.OnceValues(func() (program, error) {
	path, err := os.Executable()
	if err != nil {
		return program{}, fmt.Errorf("find petrify's own program: %w", err)
	}
	return programAt(path)
})

// programAt is a petrify in a file.
func programAt(path string) (program, error) {
	binary, err := elf.Open(path)
	if err != nil {
		return program{}, fmt.Errorf("read petrify's own program: %w", err)
	}
	defer binary.Close()
	for _, part := range binary.Progs {
		if part.Type == elf.PT_INTERP {
			return program{}, errDynamic
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return program{}, fmt.Errorf("read petrify's own program: %w", err)
	}
	defer file.Close()
	return program{hash: hashOf(file), open: func() (io.ReadCloser, int64, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, 0, err
		}
		info, err := file.Stat()
		if err != nil {
			file.Close()
			return nil, 0, err
		}
		return file, info.Size(), nil
	}}, nil
}

func hashOf(r io.Reader) string {
	hash := sha256.New()
	_, _ = io.Copy(hash, r)
	return hex.EncodeToString(hash.Sum(nil))
}

// archive is the image's only file.
func (p program) archive() (io.Reader, error) {
	binary, size, err := p.open()
	if err != nil {
		return nil, err
	}
	out, in := io.Pipe()
	go func() {
		defer binary.Close()
		files := tar.NewWriter(in)
		err := files.WriteHeader(&tar.Header{Name: "petrify", Mode: 0o755, Size: size, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = io.Copy(files, binary)
		}
		if err == nil {
			err = files.Close()
		}
		in.CloseWithError(err)
	}()
	return out, nil
}
