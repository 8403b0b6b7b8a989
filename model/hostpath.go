package model

import (
	"path"
	"strings"
)

// HostPath writes a path of the host in one form, however an engine in a virtual
// machine spells it.
func HostPath(p string) string {
	if len(p) > 2 && p[1] == ':' && (p[2] == '\\' || p[2] == '/') { // C:\Users
		p = "/" + strings.ToLower(p[:1]) + strings.ReplaceAll(p[2:], `\`, "/")
	}
	p = path.Clean(p)
	for _, prefix := range []string{"/host_mnt", "/run/desktop/mnt/host", "/private"} {
		if rest, ok := strings.CutPrefix(p, prefix); ok && strings.HasPrefix(rest, "/") {
			p = rest
		}
	}
	return p
}

// IsEngineSocket knows the sockets of engines by name, wherever they are: those
// of rootless engines are below /run/user and in home directories.
func IsEngineSocket(source string) bool {
	switch path.Base(source) {
	case "docker.sock", "docker.sock.raw", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock":
		return true
	}
	return false
}
