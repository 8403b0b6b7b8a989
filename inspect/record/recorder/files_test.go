//go:build linux

package recorder

import (
	"os"
	"strings"
	"testing"

	"petrify/inspect/record/wire"

	"golang.org/x/sys/unix"
)

// A path may lead to another mount by the time it is opened.
func TestIsMount(t *testing.T) {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{} // of the last mount on each target, which hides those below it
	for _, m := range parseMounts(string(table)) {
		ids[m.target] = m.id
	}
	fd, err := unix.Open("/proc", unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if !isMount(fd, ids["/proc"]) {
		t.Error("/proc is not in its mount")
	}
	if isMount(fd, ids["/"]) {
		t.Error("/proc is in the mount of the root")
	}
}

func TestWhoSharesTheMountsOfTheHost(t *testing.T) {
	e, c := &engines{}, &followed{Follow: wire.Follow{Container: strings.Repeat("0", idLength)}}
	if !e.shareMounts(c, os.Getpid()) {
		t.Error("a process does not share its own mounts")
	}
	if e.shareMounts(c, 1<<30) {
		t.Error("a process that is not there shares mounts")
	}
}
