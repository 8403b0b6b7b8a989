//go:build amd64 || arm64

package refusals

import (
	"github.com/cilium/ebpf/asm"
)

// The memory that the program works in, one for each processor: what only it needs,
// then the event that it makes.
const (
	workRegisters = 0   // of the process, as they were saved
	workUsed      = 288 // bytes of the event so far
	workBefore    = 296 // the same before a directory
	workEntry     = 304 // while it goes up from a directory
	workMount     = 312
	workAbsolute  = 320 // whether the first path begins with a slash, then the second
	workPointer   = 336 // what was just read in the kernel
	workEvent     = 384
	workSize      = workEvent + headSize + 4*mostPath + mostName + 8
	mostName      = 256 // bytes of a name in a directory, with the zero after it

	// A path begins at most here, a name at most there, so that all fits.
	lastPath = workSize - workEvent - mostPath
	lastName = workSize - workEvent - mostName
)

// The program's places on its stack.
const (
	stackBit  = -8  // the error as a bit
	stackCall = -16 // what is known of the call
	stackKey  = -24
	stackErr  = -32
)

// What the program keeps in registers over calls of the kernel.
const (
	registers = asm.R6 // of the process; later the path to go up from
	task      = asm.R7
	work      = asm.R8
	steps     = asm.R9
)

// maps are what the program and this process share, by file descriptor.
type maps struct {
	followed, calls, work, counters, ring int
}

// Indexes of the counters.
const (
	counterLost = iota
	counterUnseen
	counters
)

// The form of a call in its map.
const (
	callErrors  = 0
	callMust    = 4
	callPath    = 8 // the second is callNext further
	callAt      = 9
	callNext    = 2
	callFlags   = 12
	callHow     = 13
	callIndex   = 14
	callSize    = 16
	howIndirect = 1
	howAddress  = 2
	mostCalls   = 512 // numbers of system calls
)

// writer puts the program together.
type writer struct {
	asm.Instructions
	machine
	offsets
	maps
}

// program is what runs at the end of each system call.
func program(m machine, o offsets, fds maps) asm.Instructions {
	w := &writer{machine: m, offsets: o, maps: fds}
	w.leaveOthers()
	w.identify()
	w.fillHead()
	for i := range int16(2) {
		w.readPath(i)
	}
	for i := range int16(2) {
		w.readBase(i)
	}
	w.submit()
	w.countAndExit()
	return w.Instructions
}

func (w *writer) add(is ...asm.Instruction) { w.Instructions = append(w.Instructions, is...) }

// label marks the next place, with a jump to where it goes anyway: an instruction
// can bear only one name.
func (w *writer) label(name string) {
	w.add(asm.Instruction{OpCode: asm.OpCode(asm.JumpClass).SetJumpOp(asm.Ja)}.WithSymbol(name))
}

// The kernel's functions answer in R0, and take R1 to R5.

// read copies from the kernel's memory to the work; it goes on at failed where that
// cannot be read.
func (w *writer) read(to int, size int32, from asm.Register, at int, failed string) {
	w.add(
		asm.Mov.Reg(asm.R3, from), asm.Add.Imm(asm.R3, int32(at)),
		asm.Mov.Reg(asm.R1, work), asm.Add.Imm(asm.R1, int32(to)),
		asm.Mov.Imm(asm.R2, size),
		asm.FnProbeReadKernel.Call(),
		asm.JNE.Imm(asm.R0, 0, failed),
	)
}

// readKey copies from the kernel's memory to the key on the stack, before there is any
// work; where that cannot be read, the call is left.
func (w *writer) readKey(size int32, from asm.Register, at int) {
	w.add(
		asm.Mov.Reg(asm.R3, from), asm.Add.Imm(asm.R3, int32(at)),
		asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, stackKey),
		asm.Mov.Imm(asm.R2, size),
		asm.FnProbeReadKernel.Call(),
		asm.JNE.Imm(asm.R0, 0, "exit"),
	)
}

// look finds what a map has for the key on the stack.
func (w *writer) look(in int) {
	w.add(
		asm.LoadMapPtr(asm.R1, in),
		asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, stackKey),
		asm.FnMapLookupElem.Call(),
	)
}

// mark says something about a path.
func (w *writer) mark(bits int32) {
	w.add(
		asm.LoadMem(asm.R1, work, workEvent+headMarks, asm.Word),
		asm.Or.Imm(asm.R1, bits),
		asm.StoreMem(work, workEvent+headMarks, asm.R1, asm.Word),
	)
}

// used puts the address where the event goes on into a register. The size used is kept
// in memory: so the kernel's verifier takes it for any number below most, and needs not
// look at each way that leads here.
func (w *writer) used(to asm.Register, most int32, full string) {
	w.add(
		asm.LoadMem(to, work, workUsed, asm.DWord),
		asm.JGT.Imm(to, most, full),
		asm.Add.Reg(to, work), asm.Add.Imm(to, workEvent),
	)
}

// use adds what R0 says to the size used.
func (w *writer) use() {
	w.add(
		asm.LoadMem(asm.R1, work, workUsed, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R0),
		asm.StoreMem(work, workUsed, asm.R1, asm.DWord),
	)
}
