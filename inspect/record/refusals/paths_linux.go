//go:build amd64 || arm64

package refusals

import (
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// fromHere is the directory that stands for the process's own (AT_FDCWD).
const fromHere = -100

// The kind of socket address that has a path (AF_UNIX), and where the path begins.
const (
	unixAddress  = 1
	addressStart = 2
)

// readPath copies a path from the memory of the process.
func (w *writer) readPath(i int16) {
	end, plain, unread := fmt.Sprint("path read", i), fmt.Sprint("plain path", i), fmt.Sprint("path unread", i)
	w.add(
		asm.LoadMem(asm.R1, asm.RFP, stackCall, asm.DWord),
		asm.LoadMem(asm.R2, asm.R1, callPath+callNext*i, asm.Byte),
		asm.JEq.Imm(asm.R2, none, end),
	)
	w.argument(asm.R3)
	w.add(asm.JEq.Imm(asm.R3, 0, end)) // utimensat may mean the open file
	if i == 0 {
		w.add(
			asm.LoadMem(asm.R4, asm.R1, callHow, asm.Byte),
			asm.And.Imm(asm.R4, howAddress),
			asm.JEq.Imm(asm.R4, 0, plain),
			asm.StoreMem(work, workPointer+8, asm.R3, asm.DWord),
			asm.Mov.Reg(asm.R1, work), asm.Add.Imm(asm.R1, workPointer),
			asm.Mov.Imm(asm.R2, 2),
			asm.FnProbeReadUser.Call(),
			asm.JNE.Imm(asm.R0, 0, unread),
			asm.LoadMem(asm.R1, work, workPointer, asm.Half),
			asm.JNE.Imm(asm.R1, unixAddress, "exit"),
			asm.LoadMem(asm.R3, work, workPointer+8, asm.DWord),
			asm.Add.Imm(asm.R3, addressStart),
		)
		w.label(plain)
	}
	w.used(asm.R1, lastPath, "lost")
	w.add(
		asm.Mov.Imm(asm.R2, mostPath),
		asm.FnProbeReadUserStr.Call(),
		asm.JSLE.Imm(asm.R0, 0, unread),
		asm.JGT.Imm(asm.R0, mostPath, unread),
		asm.StoreMem(work, workEvent+headPath+4*i, asm.R0, asm.Word),
	)
	w.used(asm.R2, lastPath, "lost")
	w.add(
		asm.LoadMem(asm.R1, asm.R2, 0, asm.Byte),
		asm.StoreMem(work, workAbsolute+8*i, asm.R1, asm.DWord),
	)
	w.use()
	w.add(asm.Ja.Label(end))
	w.label(unread)
	w.mark(markUnread << (markShift * i))
	w.label(end)
}

// readBase adds the directory that a path starts from: the root for an absolute one,
// which is another than the container's for a process that has changed it; or the file
// that a call without a path is about.
func (w *writer) readBase(i int16) {
	at := func(name string) string { return fmt.Sprint(name, " ", i) }
	w.add(
		asm.LoadMem(asm.R1, work, workUsed, asm.DWord),
		asm.StoreMem(work, workBefore, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, work, workEvent+headMarks, asm.Word),
		asm.And.Imm(asm.R1, markUnread<<(markShift*i)),
		asm.JNE.Imm(asm.R1, 0, at("end")),
		asm.LoadMem(asm.R1, asm.RFP, stackCall, asm.DWord),
		asm.LoadMem(asm.R2, asm.R1, callAt+callNext*i, asm.Byte),
		asm.LoadMem(asm.R1, asm.R1, callPath+callNext*i, asm.Byte),
		asm.JNE.Imm(asm.R1, none, at("has path")),
		asm.JEq.Imm(asm.R2, none, at("end")),
	)
	w.label(at("has path"))
	w.add(
		asm.LoadMem(asm.R1, work, workAbsolute+8*i, asm.DWord),
		asm.JEq.Imm(asm.R1, '/', at("root")),
		asm.JEq.Imm(asm.R2, none, at("working")),
	)
	w.argument(asm.R3)
	w.add(
		asm.Mov.Reg32(asm.R3, asm.R3), // a file descriptor is 32 bits, whatever stands above them
		asm.StoreMem(work, workPointer+8, asm.R3, asm.DWord),
		asm.LSh.Imm(asm.R3, 32), asm.ArSh.Imm(asm.R3, 32),
		asm.JEq.Imm(asm.R3, fromHere, at("working")),
	)
	w.openFile(at("no base"))
	w.add(asm.Ja.Label(at("climb")))
	w.label(at("root"))
	w.directory(w.root, at("no base"))
	w.add(asm.Ja.Label(at("climb")))
	w.label(at("working"))
	w.directory(w.working, at("no base"))
	w.label(at("climb"))
	w.climb(i, at)
	w.label(at("no base"))
	w.mark(markNoBase << (markShift * i))
	w.label(at("end"))
	w.add(
		asm.LoadMem(asm.R1, work, workUsed, asm.DWord),
		asm.LoadMem(asm.R2, work, workBefore, asm.DWord),
		asm.Sub.Reg(asm.R1, asm.R2),
		asm.StoreMem(work, workEvent+headBase+4*i, asm.R1, asm.Word),
	)
}

// directory finds the process's root or working directory.
func (w *writer) directory(which int, failed string) {
	w.read(workPointer, 8, task, w.taskDirectories, failed)
	w.add(
		asm.LoadMem(registers, work, workPointer, asm.DWord),
		asm.Add.Imm(registers, int32(which)),
	)
}

// openFile finds the open file whose number is in the work.
func (w *writer) openFile(failed string) {
	w.read(workPointer, 8, task, w.taskFiles, failed)
	w.add(asm.LoadMem(asm.R1, work, workPointer, asm.DWord))
	w.read(workPointer, 8, asm.R1, w.filesTable, failed)
	w.add(asm.LoadMem(registers, work, workPointer, asm.DWord))
	w.read(workPointer, 4, registers, w.tableLength, failed)
	w.add(
		asm.LoadMem(asm.R1, work, workPointer, asm.Word),
		asm.LoadMem(asm.R2, work, workPointer+8, asm.DWord),
		asm.JGE.Reg(asm.R2, asm.R1, failed),
	)
	w.read(workPointer, 8, registers, w.table, failed)
	w.add(
		asm.LoadMem(asm.R1, work, workPointer, asm.DWord),
		asm.LoadMem(asm.R2, work, workPointer+8, asm.DWord),
		asm.LSh.Imm(asm.R2, 3), asm.Add.Reg(asm.R1, asm.R2),
	)
	w.read(workPointer, 8, asm.R1, 0, failed)
	w.add(
		asm.LoadMem(registers, work, workPointer, asm.DWord),
		asm.JEq.Imm(registers, 0, failed),
		asm.Add.Imm(registers, int32(w.filePath)),
	)
}

// climb adds the names from a path of the kernel's up to the root of all mounts, as the
// kernel does it itself for /proc. It ends at "end", "no base" or falls through to it.
func (w *writer) climb(i int16, at func(string) string) {
	w.read(workMount, 8, registers, w.pathMount, at("no base"))
	w.read(workEntry, 8, registers, w.pathEntry, at("no base"))
	w.add(
		asm.LoadMem(asm.R1, work, workMount, asm.DWord),
		asm.Sub.Imm(asm.R1, int32(w.mountInner)),
		asm.StoreMem(work, workMount, asm.R1, asm.DWord),
		asm.Mov.Imm(steps, 0),
	)
	w.label(at("up"))
	w.add(
		asm.Add.Imm(steps, 1),
		asm.JGT.Imm(steps, mostDirectory, at("no base")),
		asm.LoadMem(registers, work, workMount, asm.DWord),
	)
	w.read(workPointer, 8, registers, w.mountInner+w.innerRoot, at("no base"))
	w.add(
		asm.LoadMem(asm.R1, work, workPointer, asm.DWord),
		asm.LoadMem(asm.R2, work, workEntry, asm.DWord),
		asm.JNE.Reg(asm.R1, asm.R2, at("name")),
	)
	// The root of a mount: it goes on where that is mounted.
	w.read(workPointer, 8, registers, w.mountParent, at("no base"))
	w.add(
		asm.LoadMem(asm.R1, work, workPointer, asm.DWord),
		asm.JEq.Reg(asm.R1, registers, at("end")),
		asm.StoreMem(work, workMount, asm.R1, asm.DWord),
	)
	w.read(workEntry, 8, registers, w.mountPoint, at("no base"))
	w.add(asm.Ja.Label(at("up")))

	w.label(at("name"))
	w.add(asm.LoadMem(registers, work, workEntry, asm.DWord))
	w.read(workPointer, 8, registers, w.entryParent, at("no base"))
	w.add(
		asm.LoadMem(asm.R1, work, workPointer, asm.DWord),
		asm.JEq.Reg(asm.R1, registers, at("detached")),
		asm.StoreMem(work, workEntry, asm.R1, asm.DWord),
	)
	w.read(workPointer, 8, registers, w.entryName, at("no base"))
	w.add(asm.LoadMem(asm.R3, work, workPointer, asm.DWord))
	w.used(asm.R1, lastName, at("no base"))
	w.add(
		asm.Mov.Imm(asm.R2, mostName),
		asm.FnProbeReadKernelStr.Call(),
		asm.JSLE.Imm(asm.R0, 0, at("no base")),
		asm.JGT.Imm(asm.R0, mostName, at("no base")),
	)
	w.use()
	w.add(asm.Ja.Label(at("up")))

	w.label(at("detached"))
	w.mark(markDetached << (markShift * i))
	w.add(asm.Ja.Label(at("end")))
}
