//go:build !linux

package inside

import (
	"context"
	"errors"
)

var errLinux = errors.New("only Linux has the containers that this is done in")

// FileName is that of a single file in the directory that it is copied into.
const FileName = "file"

// Free is how much room there is where a directory lies, and in memory.
func Free(string) (Room, error) { return Room{}, errLinux }

// Measure says how much a tree, or a file, takes up.
func Measure(context.Context, string) (Size, error) { return Size{}, errLinux }

func clearDirectory(string) error                           { return errLinux }
func copyTree(context.Context, string, string) (int, error) { return 0, errLinux }

// Entered answers requests about the ports of a network, on the engine's own host.
type Entered struct{}

// Enter enters the network of a process.
func Enter(int) (*Entered, error) { return nil, errLinux }

// Do answers one request.
func (*Entered) Do(Request) (Answer, error) { return Answer{}, errLinux }

// Close lets go of the network.
func (*Entered) Close() error { return nil }
