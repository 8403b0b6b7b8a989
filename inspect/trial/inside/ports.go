package inside

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// engineNames is where an engine's own name server listens in a container's network.
var engineNames = netip.MustParseAddr("127.0.0.11")

// listening are the TCP ports that listen in this network, by number.
func listening() ([]Port, error) {
	var ports []Port
	for _, name := range []string{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"} {
		table, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // without IPv6
		}
		if err != nil {
			return nil, err
		}
		ports = append(ports, parsePorts(table)...)
		table.Close()
	}
	return tidyPorts(ports), nil
}

// tidyPorts puts ports in order. One that listens everywhere is one, however often it
// is listed.
func tidyPorts(ports []Port) []Port {
	slices.SortFunc(ports, Port.Compare)
	return slices.Compact(ports)
}

// Compare orders ports by number.
func (p Port) Compare(q Port) int {
	return cmp.Or(cmp.Compare(p.Number, q.Number), cmp.Compare(p.Address, q.Address))
}

// listens is how the kernel's table writes the state of a socket that listens (TCP_LISTEN).
const listens = "0A"

// parsePorts reads the kernel's table of TCP sockets (proc_net_tcp.txt). What makes no
// sense is passed over.
func parsePorts(table io.Reader) []Port {
	var ports []Port
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || fields[3] != listens {
			continue
		}
		address, number, _ := strings.Cut(fields[1], ":")
		ip, ok := parseAddress(address)
		port, err := strconv.ParseUint(number, 16, 16)
		if !ok || err != nil || ip == engineNames {
			continue
		}
		one := Port{Number: uint16(port)}
		if !ip.IsUnspecified() {
			one.Address = ip.String()
		}
		ports = append(ports, one)
	}
	return ports
}

// parseAddress reads an address as the table has it: words in the machine's own order.
func parseAddress(text string) (netip.Addr, bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.Addr{}, false
	}
	for at := 0; at < len(raw); at += 4 {
		binary.BigEndian.PutUint32(raw[at:], binary.NativeEndian.Uint32(raw[at:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return ip.Unmap(), ok
}
