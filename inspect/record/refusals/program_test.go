//go:build linux && (amd64 || arm64)

package refusals

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// The numbers of the calls are those of golang.org/x/sys, for both kinds of machines.
func TestNumbersOfCalls(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Skipf("no module to compare with: %v", err)
	}
	for arch := range machines {
		source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+arch+".go"))
		if err != nil {
			t.Fatal(err)
		}
		numbers := map[string]int{}
		for _, m := range regexp.MustCompile(`SYS_(\w+)\s+= (\d+)`).FindAllStringSubmatch(string(source), -1) {
			numbers[strings.ToLower(m[1])], _ = strconv.Atoi(m[2])
		}
		seen := map[int]string{}
		for _, c := range calls {
			want, known := numbers[c.name]
			got, ok := c.number(arch)
			if known != ok || got != want {
				t.Errorf("%s: %s has number %d, not %d", arch, c.name, want, got)
			}
			if ok && (seen[got] != "" || got >= mostCalls) {
				t.Errorf("%s: %s and %q have number %d", arch, c.name, seen[got], got)
			}
			seen[got] = c.name
		}
	}
}

// The programs for all kinds of machines pass this kernel's verifier: but for the places
// of the registers they are the same.
func TestProgramsLoad(t *testing.T) {
	if err := Possible(); err != nil {
		t.Skip(err)
	}
	places, err := findOffsets()
	if err != nil {
		t.Fatal(err)
	}
	kernel, err := load(ringSize)
	if err != nil {
		t.Fatal(err)
	}
	defer kernel.close()
	fds := maps{kernel.followed.FD(), kernel.calls.FD(), kernel.work.FD(), kernel.counters.FD(), kernel.ring.FD()}
	for arch, m := range machines {
		began := time.Now()
		p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.RawTracepoint, License: license, Instructions: program(m, places, fds)})
		if err != nil {
			var refused *ebpf.VerifierError
			errors.As(err, &refused)
			t.Errorf("%s: %+v", arch, refused)
			continue
		}
		t.Logf("%s: %d instructions, loaded in %v", arch, len(program(m, places, fds)), time.Since(began))
		p.Close()
	}
}

// The registers stand where this kernel describes them.
func TestRegisters(t *testing.T) {
	types, err := btf.LoadKernelSpec()
	if err != nil {
		t.Skip(err)
	}
	var s *btf.Struct
	if err := types.TypeByName("pt_regs", &s); err != nil {
		t.Fatal(err)
	}
	names := map[string][]string{
		"amd64": {"orig_ax", "di", "si", "dx", "r10", "r8", "r9"},
		"arm64": {"syscallno", "orig_x0"},
	}[thisMachine]
	m := machines[thisMachine]
	for i, at := range append([]int16{m.number}, m.arguments...)[:len(names)] {
		got, err := offsetOf(s, names[i:i+1])
		if err != nil || got != int(at) {
			t.Errorf("%s is at %d, not %d: %v", names[i], got, at, err)
		}
	}
}

func TestCallsHaveArguments(t *testing.T) {
	for _, c := range calls {
		for _, argument := range []uint8{c.path, c.at, c.path2, c.at2, c.flags} {
			if argument != none && argument > 5 {
				t.Errorf("%s has no argument %d", c.name, argument)
			}
		}
		if c.must != 0 && c.flags == none || c.act == 0 || c.errors == 0 || c.errors&^anyError != 0 {
			t.Errorf("%+v makes no sense", c)
		}
	}
}

// Where the kernel cannot tell the directory, /proc can as long as the process lives.
func TestDirectoryFromProc(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	opened, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	ns, err := mountNamespace("self")
	if err != nil {
		t.Skip(err)
	}
	w := &watcher{}
	index := func(name string) *call {
		for i := range calls {
			if calls[i].name == name {
				return &calls[i]
			}
		}
		return nil
	}
	far := int32(fromHere)
	for _, k := range []struct {
		directory uint64
		process   int
		mount     uint64
		want      string
		way       Way
	}{
		{uint64(uint32(far)), os.Getpid(), ns, here + "/x", Process},
		{uint64(opened.Fd()), os.Getpid(), ns, dir + "/x", Process},
		{uint64(uint32(far)), os.Getpid(), ns + 1, "y/../x", Unknown}, // another container's by now
		{uint64(uint32(far)), 1 << 30, ns, "y/../x", Unknown},
	} {
		e := &event{call: index("mkdirat"), process: k.process, mount: k.mount}
		e.arguments[0] = k.directory
		e.paths[0] = place{path: []byte("y/../x\x00"), marks: markNoBase}
		if got, way, cut := w.resolve(e, 0); got != k.want || way != k.way || cut {
			t.Errorf("%q, %d, %t; want %q, %d", got, way, cut, k.want, k.way)
		}
	}
}

func TestPathThatIsTooLong(t *testing.T) {
	got, _, cut := clean("/"+strings.Repeat("d/", 2000), strings.Repeat("e/", 2000), Kernel)
	if len(got) != mostPath || !cut {
		t.Errorf("%d bytes, cut %t", len(got), cut)
	}
}

// Whatever the kernel's side says, it is read within its bounds.
func TestDecodeShortReports(t *testing.T) {
	whole := make([]byte, headSize+8)
	whole[headPath], whole[headBase+4] = 5, 3
	var e event
	if err := e.decode(whole); err != nil || len(e.paths[0].path) != 5 || len(e.paths[1].base) != 3 {
		t.Errorf("%+v, %v", e, err)
	}
	for n := range whole {
		if err := e.decode(whole[:n]); err == nil {
			t.Errorf("%d bytes are taken for a report", n)
		}
	}
	whole[headCall+3] = 1
	if err := e.decode(whole); err == nil {
		t.Error("a call that there is not was taken")
	}
}

func FuzzEvent(f *testing.F) {
	whole := make([]byte, headSize+16)
	whole[headPath], whole[headPath+4], whole[headBase] = 6, 2, 8
	copy(whole[headSize:], "/srv/x\x00y")
	f.Add(whole)
	for i := range calls {
		of := slices.Clone(whole)
		of[headCall] = byte(i)
		f.Add(of)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e event
		if e.decode(raw) != nil || !e.counts() {
			return
		}
		w := &watcher{looks: mostLooks} // nobody is asked
		for i := range e.paths {
			got, way, cut := w.resolve(&e, i)
			if len(got) > mostPath && way != Unknown || cut && len(got) != mostPath || way != Unknown && !strings.HasPrefix(got, "/") {
				t.Errorf("%q, %d, %t", got, way, cut)
			}
		}
	})
}

func TestWhatMayBeATry(t *testing.T) {
	for _, k := range []struct {
		r    Refusal
		want bool
	}{
		{Refusal{Act: Probe, Flags: wOK}, true},
		{Refusal{Act: Open, Flags: oRDWR}, true},
		{Refusal{Act: Open, Flags: oRDWR | oCREAT}, false},
		{Refusal{Act: Open, Flags: oRDWR | oTRUNC}, false},
		{Refusal{Act: Open, Flags: oWRONLY}, false},
		{Refusal{Act: Make}, false},
	} {
		if got := k.r.MayBeTry(); got != k.want {
			t.Errorf("%+v: %t", k.r, got)
		}
	}
}
