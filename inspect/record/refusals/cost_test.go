//go:build linux && (amd64 || arm64)

package refusals

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

// BenchmarkCost measures what system calls cost more while somebody is followed, in
// pairs: the processor time of this thread, in turns without and with. It prints the
// lowest of each, which other load of the machine raises least, and the median pair.
func BenchmarkCost(b *testing.B) {
	own, err := mountNamespace("self")
	if err != nil {
		b.Skip(err)
	}
	for _, k := range []struct {
		name    string
		mountNS uint64
		calls   int
		work    func(b *testing.B, calls int)
	}{
		{"getppid", anybody, 2000, getppid},
		{"open, read, close", anybody, 200, openReadClose},
		{"refused, and of nobody who is followed", anybody, 1000, refuse},
		{"refused, and told", own, 1000, refuse},
	} {
		b.Run(k.name, func(b *testing.B) { compare(b, k.mountNS, k.calls, k.work) })
	}
}

// anybody is a number that no mount namespace has.
const anybody = 1

func compare(b *testing.B, mountNS uint64, calls int, work func(*testing.B, int)) {
	c := collect(b, ringSize, mostTogether)
	defer c.Close()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	measure := func() float64 {
		work(b, calls/10) // what is done for the first time takes longer
		began := processorTime()
		work(b, calls)
		return float64(processorTime()-began) / float64(calls)
	}
	var without, with, more []float64
	for b.Loop() {
		without = append(without, measure())
		if err := c.Follow(mountNS, Options{Wide: true}); err != nil {
			b.Fatal(err)
		}
		with = append(with, measure())
		c.Forget(mountNS)
		more = append(more, with[len(with)-1]-without[len(without)-1])
	}
	slices.Sort(more)
	b.ReportMetric(0, "ns/op") // of a pair, which says nothing
	b.ReportMetric(slices.Min(without), "ns-without")
	b.ReportMetric(slices.Min(with), "ns-with")
	b.ReportMetric(more[len(more)/2], "ns-median-more")
}

func processorTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// BenchmarkProgram measures what the program itself takes of that: of a call that went
// well, and of the same with a program that does nothing.
func BenchmarkProgram(b *testing.B) {
	kernel, err := load(ringSize)
	if err != nil {
		b.Skip(err)
	}
	defer kernel.close()
	nothing, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type: ebpf.RawTracepoint, License: license, Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer nothing.Close()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	measure := func(p *ebpf.Program) float64 {
		if p != nil {
			attached, err := link.AttachRawTracepoint(link.RawTracepointOptions{Name: "sys_exit", Program: p})
			if err != nil {
				b.Fatal(err)
			}
			defer attached.Close()
		}
		const calls = 2000
		getppid(b, calls/10)
		began := processorTime()
		getppid(b, calls)
		return float64(processorTime()-began) / calls
	}
	var empty, ours []float64
	for b.Loop() {
		without := measure(nil)
		empty = append(empty, measure(nothing)-without)
		ours = append(ours, measure(kernel.program)-without)
	}
	slices.Sort(empty)
	slices.Sort(ours)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(empty[len(empty)/2], "ns-empty-more")
	b.ReportMetric(ours[len(ours)/2], "ns-more")
}

func getppid(_ *testing.B, calls int) {
	for range calls {
		unix.RawSyscallNoError(unix.SYS_GETPPID, 0, 0, 0)
	}
}

func openReadClose(b *testing.B, calls int) {
	var buffer [16]byte
	for range calls {
		fd, err := unix.Open("/etc/passwd", unix.O_RDONLY, 0)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = unix.Read(fd, buffer[:])
		unix.Close(fd)
	}
}

// refuse writes to what is always full.
func refuse(b *testing.B, calls int) {
	full, err := unix.Open("/dev/full", unix.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(full)
	for range calls {
		if _, err := unix.Write(full, []byte("x")); err != unix.ENOSPC {
			b.Fatal(err)
		}
	}
}
