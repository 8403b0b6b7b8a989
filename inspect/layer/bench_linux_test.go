package layer

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"petrify/inspect/engine/enginetest"

	"github.com/moby/moby/client"
)

// BenchmarkUntouched reads the layer of a container that wrote nothing, on an image
// of 100,000 files, directly and through the engine.
func BenchmarkUntouched(b *testing.B) {
	api, e, reader := beside(b)
	image := bigImage(b, api)
	id := enginetest.Start(b, enginetest.Container{Name: "layer", Image: image, Script: []string{"hold"}})
	_, err := reader.Read(b.Context(), id)
	here(b, err)
	var direct, asked time.Duration
	b.Run("direct", func(b *testing.B) {
		for b.Loop() {
			if _, err := reader.Read(b.Context(), id); err != nil {
				b.Fatal(err)
			}
		}
		direct = b.Elapsed() / time.Duration(b.N)
	})
	b.Run("engine", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.Changes(b.Context(), id); err != nil {
				b.Fatal(err)
			}
		}
		asked = b.Elapsed() / time.Duration(b.N)
		if direct > 0 {
			b.ReportMetric(float64(asked)/float64(direct), "times")
		}
	})
}

// bigImage imports an image of 100,000 files and the program.
func bigImage(b *testing.B, api *client.Client) string {
	b.Helper()
	container := enginetest.Start(b, enginetest.Container{Name: "layer", Created: true})
	found, err := api.CopyFromContainer(b.Context(), container, client.CopyFromContainerOptions{SourcePath: "/program"})
	if err != nil {
		b.Fatal(err)
	}
	defer found.Content.Close()
	files := tar.NewReader(found.Content)
	header, err := files.Next()
	if err != nil {
		b.Fatal(err)
	}
	program, err := io.ReadAll(files)
	if err != nil {
		b.Fatal(err)
	}
	var made bytes.Buffer
	w := tar.NewWriter(&made)
	_ = w.WriteHeader(header)
	_, _ = w.Write(program)
	for i := range 100_000 {
		if i%1000 == 0 {
			_ = w.WriteHeader(&tar.Header{Name: fmt.Sprintf("usr/%03d/", i/1000), Typeflag: tar.TypeDir, Mode: 0o755, ModTime: time.Unix(1, 0)})
		}
		_ = w.WriteHeader(&tar.Header{Name: fmt.Sprintf("usr/%03d/%05d", i/1000, i), Mode: 0o644, ModTime: time.Unix(1, 0)})
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	name := fmt.Sprintf("pt-layer-big-%d", os.Getpid())
	imported, err := api.ImageImport(b.Context(), client.ImageImportSource{Source: &made, SourceName: "-"}, name,
		client.ImageImportOptions{Changes: []string{`ENTRYPOINT ["/program"]`}})
	if err != nil {
		b.Fatal(err)
	}
	defer imported.Close()
	if _, err := io.Copy(io.Discard, imported); err != nil {
		b.Fatal(err)
	}
	ctx := context.WithoutCancel(b.Context())
	b.Cleanup(func() { _, _ = api.ImageRemove(ctx, name, client.ImageRemoveOptions{}) })
	return name
}
