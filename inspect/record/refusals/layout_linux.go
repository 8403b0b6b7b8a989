//go:build amd64 || arm64

package refusals

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/cilium/ebpf/btf"
)

// kernelTypes is where a kernel describes its own structures.
const kernelTypes = "/sys/kernel/btf/vmlinux"

// offsets are the places of fields in this kernel's structures.
type offsets struct {
	taskNamespaces, namespacesMount, mountNumber int // task -> nsproxy -> mnt_namespace
	taskState                                    int // tells a 32-bit call
	taskDirectories, root, working               int // task -> fs_struct
	taskFiles, filesTable, tableLength, table    int // task -> files_struct -> fdtable -> files
	filePath                                     int
	pathMount, pathEntry                         int // in a path
	mountInner, mountParent, mountPoint          int // of struct mount, which has a vfsmount in it
	innerRoot                                    int // of vfsmount
	entryParent, entryName                       int // of a dentry
}

// findOffsets reads them, once.
var findOffsets = sync.OnceValues(func() (offsets, error) {
	if _, err := os.Stat(kernelTypes); errors.Is(err, fs.ErrNotExist) {
		return offsets{}, errNoTypes
	}
	types, err := btf.LoadKernelSpec()
	if err != nil {
		return offsets{}, fmt.Errorf("read %s: %w", kernelTypes, err)
	}
	return offsetsIn(types, machines[thisMachine].state)
})

var errNoTypes = errors.New("this kernel does not describe its structures (" + kernelTypes + "): take one that was built with CONFIG_DEBUG_INFO_BTF")

func offsetsIn(types *btf.Spec, state string) (offsets, error) {
	var o offsets
	for _, f := range []struct {
		to   *int
		of   string
		path []string
	}{
		{&o.taskNamespaces, "task_struct", []string{"nsproxy"}},
		{&o.namespacesMount, "nsproxy", []string{"mnt_ns"}},
		{&o.mountNumber, "mnt_namespace", []string{"ns", "inum"}},
		{&o.taskState, "task_struct", []string{"thread_info", state}},
		{&o.taskDirectories, "task_struct", []string{"fs"}},
		{&o.root, "fs_struct", []string{"root"}},
		{&o.working, "fs_struct", []string{"pwd"}},
		{&o.taskFiles, "task_struct", []string{"files"}},
		{&o.filesTable, "files_struct", []string{"fdt"}},
		{&o.tableLength, "fdtable", []string{"max_fds"}},
		{&o.table, "fdtable", []string{"fd"}},
		{&o.filePath, "file", []string{"f_path"}},
		{&o.pathMount, "path", []string{"mnt"}},
		{&o.pathEntry, "path", []string{"dentry"}},
		{&o.mountInner, "mount", []string{"mnt"}},
		{&o.mountParent, "mount", []string{"mnt_parent"}},
		{&o.mountPoint, "mount", []string{"mnt_mountpoint"}},
		{&o.innerRoot, "vfsmount", []string{"mnt_root"}},
		{&o.entryParent, "dentry", []string{"d_parent"}},
		{&o.entryName, "dentry", []string{"d_name", "name"}},
	} {
		var s *btf.Struct
		if err := types.TypeByName(f.of, &s); err != nil {
			return o, fmt.Errorf("find the kernel's struct %s: %w", f.of, err)
		}
		at, err := offsetOf(s, f.path)
		if err != nil {
			return o, fmt.Errorf("the kernel's struct %s: %w", f.of, err)
		}
		*f.to = at
	}
	return o, nil
}

// offsetOf finds a field of a field, in bytes. Structures without a name count as part
// of what they are in.
func offsetOf(in btf.Type, path []string) (int, error) {
	members := membersOf(in)
	for _, m := range members {
		if m.Name == path[0] {
			if len(path) == 1 {
				return int(m.Offset.Bytes()), nil
			}
			at, err := offsetOf(m.Type, path[1:])
			return int(m.Offset.Bytes()) + at, err
		}
	}
	for _, m := range members {
		if m.Name != "" {
			continue
		}
		if at, err := offsetOf(m.Type, path); err == nil {
			return int(m.Offset.Bytes()) + at, nil
		}
	}
	return 0, fmt.Errorf("no field %s", path[0])
}

func membersOf(t btf.Type) []btf.Member {
	switch t := btf.UnderlyingType(t).(type) {
	case *btf.Struct:
		return t.Members
	case *btf.Union:
		return t.Members
	}
	return nil
}
