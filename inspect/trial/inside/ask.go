package inside

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// How a port is asked, which has to give the same answer each time:
//
//   - It is connected to. Some servers speak first: what they say may differ each time,
//     so that only this counts.
//   - To the others `GET /` is said. The status of the reply counts, nothing else of it.
//   - Where the reply is nothing, an alert of TLS or "400 Bad Request", TLS is tried, and
//     `GET /` within it.
const (
	connectLimit = 3 * time.Second
	speaksFirst  = 250 * time.Millisecond
	replyLimit   = 10 * time.Second
	tlsLimit     = 2 * time.Second
	tlsAlert     = 0x15 // the type of a record
)

// ask says what a port answers.
func ask(ctx context.Context, p Port) (string, error) {
	conn, err := dial(ctx, p)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	_ = conn.SetReadDeadline(time.Now().Add(speaksFirst))
	if _, err := reader.Peek(1); err == nil {
		return "it speaks first", nil
	}
	status, first := get(conn, reader)
	if status != 0 && status != http.StatusBadRequest {
		return fmt.Sprintf("HTTP %d", status), nil
	}
	if len(first) == 0 || first[0] == tlsAlert || status == http.StatusBadRequest {
		if reply, ok := askTLS(ctx, p); ok {
			return reply, nil
		}
	}
	if status != 0 {
		return fmt.Sprintf("HTTP %d", status), nil
	}
	return "TCP", nil
}

// dial connects to a port. One that listens everywhere is reached at the loopback
// address, of IPv6 where it does not listen on IPv4.
func dial(ctx context.Context, p Port) (net.Conn, error) {
	hosts := []string{p.Address}
	if p.Address == "" {
		hosts = []string{"127.0.0.1", "::1"}
	}
	var conn net.Conn
	var err error
	for _, host := range hosts {
		dialer := net.Dialer{Timeout: connectLimit}
		conn, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(int(p.Number))))
		if err == nil {
			break
		}
	}
	return conn, err
}

// get says `GET /`, and returns the status of the reply, or its first bytes where it is
// none of HTTP.
func get(conn net.Conn, reader *bufio.Reader) (status int, first []byte) {
	_ = conn.SetDeadline(time.Now().Add(replyLimit))
	if _, err := conn.Write([]byte("GET / HTTP/1.0\r\nHost: localhost\r\nUser-Agent: petrify\r\nAccept: */*\r\n\r\n")); err != nil {
		return 0, nil
	}
	first, _ = reader.Peek(1)
	first = bytes.Clone(first)
	line, err := reader.ReadString('\n')
	if err != nil && line == "" {
		return 0, first
	}
	fields := strings.Fields(line)
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "HTTP/") {
		return 0, first
	}
	status, err = strconv.Atoi(fields[1])
	if err != nil || status < 100 || status > 599 {
		return 0, first
	}
	return status, first
}

func askTLS(ctx context.Context, p Port) (string, bool) {
	conn, err := dial(ctx, p)
	if err != nil {
		return "", false
	}
	defer conn.Close()
	// Nothing secret is said: whose certificate it is does not matter.
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"}) //nolint:gosec // see above
	limited, cancel := context.WithTimeout(ctx, tlsLimit)
	defer cancel()
	if secure.HandshakeContext(limited) != nil {
		return "", false
	}
	if status, _ := get(secure, bufio.NewReader(secure)); status != 0 {
		return fmt.Sprintf("TLS, HTTP %d", status), true
	}
	return "TLS", true
}
