//go:build amd64 || arm64

package refusals

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"
)

const (
	thisMachine = runtime.GOARCH

	// anyOther is the number under which the map of those followed has what is wanted
	// of all others; no mount namespace has it.
	anyOther = 0

	// license is what the kernel asks for, before its functions that read memory may be
	// called. The program is part of petrify, whose licence allows that.
	license = "Dual MIT/GPL"
)

// loaded is the program in the kernel, not yet at work.
type loaded struct {
	followed, calls, work, counters, ring *ebpf.Map
	program                               *ebpf.Program
	events                                *ringbuf.Reader
}

func load(ring uint32) (_ *loaded, err error) {
	places, err := findOffsets()
	if err != nil {
		return nil, err
	}
	l := &loaded{}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	for _, m := range []struct {
		to   **ebpf.Map
		spec ebpf.MapSpec
	}{
		{&l.followed, ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 4, MaxEntries: mostFollowed + 8}},
		{&l.calls, ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: callSize, MaxEntries: mostCalls, Contents: callTable(thisMachine)}},
		{&l.work, ebpf.MapSpec{Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: (workSize + 7) &^ 7, MaxEntries: 1}},
		{&l.counters, ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: counters}},
		{&l.ring, ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: ring}},
	} {
		if *m.to, err = makeMap(&m.spec); err != nil {
			return nil, explain("make room for refusals in the kernel", err)
		}
	}
	fds := maps{l.followed.FD(), l.calls.FD(), l.work.FD(), l.counters.FD(), l.ring.FD()}
	l.program, err = ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "petrify", Type: ebpf.RawTracepoint, License: license,
		Instructions: program(machines[thisMachine], places, fds),
	})
	if err != nil {
		return nil, explain("load the program that sees refusals", err)
	}
	if l.events, err = ringbuf.NewReader(l.ring); err != nil {
		return nil, fmt.Errorf("read refusals: %w", err)
	}
	return l, nil
}

// makeMap makes a map. Before Linux 5.11 its memory counts as locked, of which there
// is little.
func makeMap(spec *ebpf.MapSpec) (*ebpf.Map, error) {
	m, err := ebpf.NewMap(spec)
	if !errors.Is(err, unix.EPERM) {
		return m, err
	}
	all := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if unix.Setrlimit(unix.RLIMIT_MEMLOCK, &all) != nil {
		return m, err
	}
	return ebpf.NewMap(spec)
}

// callTable has what is known of each call under its number.
func callTable(arch string) []ebpf.MapKV {
	var table []ebpf.MapKV
	for i, c := range calls {
		number, ok := c.number(arch)
		if !ok {
			continue
		}
		form := kernelCall{
			Errors: c.errors, Must: c.must, Path: c.path, At: c.at, Path2: c.path2, At2: c.at2,
			Flags: c.flags, Index: uint16(i),
		}
		if c.indirect {
			form.How |= howIndirect
		}
		if c.address {
			form.How |= howAddress
		}
		table = append(table, ebpf.MapKV{Key: uint32(number), Value: form})
	}
	return table
}

// kernelCall is a call as the program reads it.
type kernelCall struct {
	Errors, Must         uint32
	Path, At, Path2, At2 uint8
	Flags, How           uint8
	Index                uint16
}

func (l *loaded) count(which uint32) uint64 {
	var n uint64
	if err := l.counters.Lookup(which, &n); err != nil {
		return 0
	}
	return n
}

func (l *loaded) close() {
	if l.events != nil {
		_ = l.events.Close()
	}
	if l.program != nil {
		_ = l.program.Close()
	}
	for _, m := range []*ebpf.Map{l.followed, l.calls, l.work, l.counters, l.ring} {
		if m != nil {
			_ = m.Close()
		}
	}
}

// possible tries the least that has all that it takes: a ring, and a program that may
// read memory.
func possible() error {
	if _, err := findOffsets(); err != nil {
		return err
	}
	ring, err := makeMap(&ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: uint32(unix.Getpagesize())})
	if err != nil {
		return explain("see refused calls", err)
	}
	_ = ring.Close()
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.RawTracepoint, License: license, Instructions: asm.Instructions{
		asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -8),
		asm.Mov.Imm(asm.R2, 8),
		asm.Mov.Imm(asm.R3, 0),
		asm.FnProbeReadKernel.Call(),
		asm.Mov.Imm(asm.R0, 0), asm.Return(),
	}})
	if err != nil {
		return explain("see refused calls", err)
	}
	return p.Close()
}

// explain says what a kernel means that does not let eBPF be used.
func explain(what string, err error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("%s: it takes root with CAP_SYS_ADMIN, on a kernel that does not forbid eBPF: %w", what, unix.EPERM) // the library has a guess of its own
	case errors.Is(err, unix.ENOSYS), errors.Is(err, ebpf.ErrNotSupported), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%s: it takes Linux 5.8 or newer, with eBPF: %w", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
