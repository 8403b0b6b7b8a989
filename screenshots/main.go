// Command screenshots draws the pictures of the README: named scenes of the real
// screen, fed from the demo's capture. Run it at the top of the repository,
// and look at what it drew:
//
//	go run ./screenshots
//
// It alone imports what of inspect plays a capture, as the wiring of the demo
// does; the packages below it do not.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := renew(context.Background(), "screenshots"); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

// renew draws all scenes into a directory.
func renew(ctx context.Context, dir string) error {
	capture, err := openCapture(filepath.Join(dir, "..", demo))
	if err != nil {
		return fmt.Errorf("run this at the top of the repository: %w", err)
	}
	for _, scene := range scenes {
		svg, err := picture(ctx, capture, scene)
		if err != nil {
			return err
		}
		name := filepath.Join(dir, scene.Name+".svg")
		if err := os.WriteFile(name, svg, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d kB\n", name, len(svg)/1000)
	}
	return nil
}
