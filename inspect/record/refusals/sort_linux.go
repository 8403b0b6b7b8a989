//go:build amd64 || arm64

package refusals

import (
	"syscall"

	"github.com/cilium/ebpf/asm"
)

// leaveOthers leaves all calls that went well or failed otherwise as soon as it can: this
// part is what every call of the machine pays for.
func (w *writer) leaveOthers() {
	w.add(
		asm.LoadMem(asm.R2, asm.R1, 8, asm.DWord), // the result
		asm.JSGE.Imm(asm.R2, 0, "exit"),
		asm.JSLT.Imm(asm.R2, -int32(syscall.EROFS), "exit"), // the highest of them
		asm.Neg.Imm(asm.R2, 0),
		asm.Mov.Imm(asm.R3, 1), asm.LSh.Reg(asm.R3, asm.R2),
		asm.And.Imm(asm.R3, anyError),
		asm.JEq.Imm(asm.R3, 0, "exit"),
		asm.StoreMem(asm.RFP, stackErr, asm.R2, asm.DWord),
		asm.StoreMem(asm.RFP, stackBit, asm.R3, asm.DWord),
		asm.LoadMem(registers, asm.R1, 0, asm.DWord),
		asm.FnGetCurrentTask.Call(),
		asm.Mov.Reg(task, asm.R0),
	)
}

// identify leaves calls of other containers, other errors than are wanted of this one,
// and calls that do not write.
func (w *writer) identify() {
	w.readKey(8, task, w.taskNamespaces)
	w.add(asm.LoadMem(asm.R1, asm.RFP, stackKey, asm.DWord))
	w.readKey(8, asm.R1, w.namespacesMount)
	w.add(asm.LoadMem(asm.R1, asm.RFP, stackKey, asm.DWord))
	w.readKey(4, asm.R1, w.mountNumber)
	w.add(asm.LoadMem(steps, asm.RFP, stackKey, asm.Word)) // until it is in the event
	w.look(w.followed)
	w.add(asm.JNE.Imm(asm.R0, 0, "followed"))
	w.add(asm.StoreImm(asm.RFP, stackKey, anyOther, asm.Word))
	w.look(w.followed)
	w.add(asm.JEq.Imm(asm.R0, 0, "exit"))
	w.label("followed")
	w.add(
		asm.LoadMem(asm.R1, asm.R0, 0, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, stackBit, asm.DWord),
		asm.And.Reg(asm.R1, asm.R2),
		asm.JEq.Imm(asm.R1, 0, "exit"),
	)

	w.readKey(4, task, w.taskState)
	w.add(
		asm.LoadMem(asm.R1, asm.RFP, stackKey, asm.Word),
		asm.And.Imm(asm.R1, w.narrow),
		asm.JNE.Imm(asm.R1, 0, "unseen"),
	)
	w.readKey(4, registers, int(w.number))
	w.look(w.calls)
	w.add(
		asm.JEq.Imm(asm.R0, 0, "exit"),
		asm.StoreMem(asm.RFP, stackCall, asm.R0, asm.DWord),
		asm.LoadMem(asm.R1, asm.R0, callErrors, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, stackBit, asm.DWord),
		asm.And.Reg(asm.R1, asm.R2),
		asm.JEq.Imm(asm.R1, 0, "exit"),
		asm.StoreImm(asm.RFP, stackKey, 0, asm.Word),
	)
	w.look(w.work)
	w.add(
		asm.JEq.Imm(asm.R0, 0, "exit"),
		asm.Mov.Reg(work, asm.R0),
	)
}

// fillHead fills in all but the paths.
func (w *writer) fillHead() {
	w.read(workRegisters, int32(w.machine.registers), registers, 0, "lost")
	for i, at := range w.arguments {
		w.add(
			asm.LoadMem(asm.R1, work, workRegisters+at, asm.DWord),
			asm.StoreMem(work, workEvent+headArguments+int16(8*i), asm.R1, asm.DWord),
		)
	}
	w.readFlags()
	w.add(
		asm.StoreMem(work, workEvent+headMount, steps, asm.DWord),
		asm.FnKtimeGetBootNs.Call(),
		asm.StoreMem(work, workEvent+headTime, asm.R0, asm.DWord),
		asm.FnGetCurrentPidTgid.Call(),
		asm.StoreMem(work, workEvent+headThread, asm.R0, asm.DWord),
		asm.FnGetCurrentUidGid.Call(),
		asm.StoreMem(work, workEvent+headUser, asm.R0, asm.DWord),
		asm.Mov.Reg(asm.R1, work), asm.Add.Imm(asm.R1, workEvent+headCommand),
		asm.Mov.Imm(asm.R2, commandSize),
		asm.FnGetCurrentComm.Call(),
		asm.LoadMem(asm.R1, asm.RFP, stackErr, asm.DWord),
		asm.StoreMem(work, workEvent+headErr, asm.R1, asm.Word),
		asm.LoadMem(asm.R1, asm.RFP, stackCall, asm.DWord),
		asm.LoadMem(asm.R1, asm.R1, callIndex, asm.Half),
		asm.StoreMem(work, workEvent+headCall, asm.R1, asm.Word),
		asm.Mov.Imm(asm.R1, headSize),
		asm.StoreMem(work, workUsed, asm.R1, asm.DWord),
		asm.Mov.Imm(asm.R1, 0),
		asm.StoreMem(work, workEvent+headMarks, asm.R1, asm.Word),
		asm.StoreMem(work, workEvent+headPath, asm.R1, asm.Word),
		asm.StoreMem(work, workEvent+headPath+4, asm.R1, asm.Word),
		asm.StoreMem(work, workEvent+headBase, asm.R1, asm.Word),
		asm.StoreMem(work, workEvent+headBase+4, asm.R1, asm.Word),
		asm.StoreMem(work, workAbsolute, asm.R1, asm.DWord),
		asm.StoreMem(work, workAbsolute+8, asm.R1, asm.DWord),
	)
}

// argument loads the argument that R2 numbers.
func (w *writer) argument(to asm.Register) {
	w.add(
		asm.And.Imm(asm.R2, 7), asm.LSh.Imm(asm.R2, 3),
		asm.Mov.Reg(to, work), asm.Add.Reg(to, asm.R2),
		asm.LoadMem(to, to, workEvent+headArguments, asm.DWord),
	)
}

// readFlags leaves calls whose flags say that they did not mean to write.
func (w *writer) readFlags() {
	w.add(
		asm.Mov.Imm(asm.R3, 0),
		asm.LoadMem(asm.R1, asm.RFP, stackCall, asm.DWord),
		asm.LoadMem(asm.R2, asm.R1, callFlags, asm.Byte),
		asm.JEq.Imm(asm.R2, none, "flags"),
	)
	w.argument(asm.R3)
	w.add(
		asm.LoadMem(asm.R4, asm.R1, callHow, asm.Byte),
		asm.And.Imm(asm.R4, howIndirect),
		asm.JEq.Imm(asm.R4, 0, "flags"),
		asm.Mov.Reg(asm.R1, work), asm.Add.Imm(asm.R1, workPointer),
		asm.Mov.Imm(asm.R2, 8),
		asm.FnProbeReadUser.Call(),
		asm.JNE.Imm(asm.R0, 0, "lost"),
		asm.LoadMem(asm.R3, work, workPointer, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, stackCall, asm.DWord),
	)
	w.label("flags")
	w.add(
		asm.StoreMem(work, workEvent+headFlags, asm.R3, asm.DWord),
		asm.LoadMem(asm.R2, asm.R1, callMust, asm.Word),
		asm.JEq.Imm(asm.R2, 0, "meant"),
		asm.And.Reg(asm.R3, asm.R2),
		asm.JEq.Imm(asm.R3, 0, "exit"),
	)
	w.label("meant")
}

// submit sends the event.
func (w *writer) submit() {
	w.add(
		asm.LoadMem(asm.R3, work, workUsed, asm.DWord),
		asm.JGT.Imm(asm.R3, workSize-workEvent, "lost"),
		asm.LoadMapPtr(asm.R1, w.ring),
		asm.Mov.Reg(asm.R2, work), asm.Add.Imm(asm.R2, workEvent),
		asm.Mov.Imm(asm.R4, 0),
		asm.FnRingbufOutput.Call(),
		asm.JEq.Imm(asm.R0, 0, "exit"),
	)
}

// countAndExit counts what cannot be told, and ends.
func (w *writer) countAndExit() {
	w.label("lost")
	w.add(
		asm.StoreImm(asm.RFP, stackKey, counterLost, asm.Word),
		asm.Ja.Label("count"),
	)
	w.label("unseen")
	w.add(
		asm.LoadMem(asm.R1, asm.RFP, stackErr, asm.DWord),
		asm.JNE.Imm(asm.R1, int32(syscall.EROFS), "exit"),
		asm.StoreImm(asm.RFP, stackKey, counterUnseen, asm.Word),
	)
	w.label("count")
	w.look(w.counters)
	w.add(
		asm.JEq.Imm(asm.R0, 0, "exit"),
		asm.Mov.Imm(asm.R1, 1),
		asm.StoreXAdd(asm.R0, asm.R1, asm.DWord),
	)
	w.label("exit")
	w.add(asm.Mov.Imm(asm.R0, 0), asm.Return())
}
