//go:build amd64 || arm64

package refusals

// machine is what differs between kinds of machines: where the registers of a process
// are that has called the kernel. That is part of the kernel's stable interface.
type machine struct {
	registers int     // bytes of struct pt_regs that are read
	number    int16   // in them: that of the system call
	arguments []int16 // in them
	state     string  // field of thread_info with flags that tell a 32-bit call
	narrow    int32   // the flag
}

var machines = map[string]machine{
	"amd64": {
		registers: 168, number: 120, // orig_ax
		arguments: []int16{112, 104, 96, 56, 72, 64}, // di, si, dx, r10, r8, r9
		state:     "status", narrow: 1 << 1,          // TS_COMPAT
	},
	"arm64": {
		registers: 288, number: 280, // syscallno
		arguments: []int16{272, 8, 16, 24, 32, 40}, // orig_x0, for the result is in x0; x1 to x5
		state:     "flags", narrow: 1 << 22,        // TIF_32BIT
	},
}
