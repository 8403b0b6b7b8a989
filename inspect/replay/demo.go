package replay

import (
	"bytes"
	_ "embed"
)

// demo is made by the command in capture, from the stack in examples/wordpress
// while it is used.
//
//go:embed demo.petrify.gz
var demo []byte

// Demo returns the capture that comes with petrify: a WordPress stack at work.
func Demo() (*Capture, error) { return Open(bytes.NewReader(demo)) }
