//go:build linux

// Command program is what runs in the containers of engine tests: it does to
// its file system what its arguments say, one instruction each.
//
// The words of an instruction are separated by spaces; one that starts with a
// double quote is a Go string, so that a path may hold any bytes:
//
//	write PATH TEXT     create the file, or overwrite it
//	append PATH TEXT    add to the file
//	fill PATH N         a file of N bytes
//	mmapwrite PATH TEXT write through a shared mapping
//	rewrite PATH TEXT   overwrite it and put its time of modification back
//	open PATH           open it for writing, and close it
//	tmpfile DIR TEXT    a file that never has a name
//	mkdir PATH          with its parents
//	rename PATH PATH
//	rm PATH             with all that is below it
//	chmod MODE PATH     the mode in octal
//	chown UID GID PATH
//	attribute PATH NAME VALUE
//	link PATH PATH      a hard link to the first
//	symlink TARGET PATH
//	fifo PATH
//	socket PATH
//	many N DIR          N empty files, a thousand to a directory
//	copy PATH PATH      a file, with its mode
//	run PATH            a copy of this program, to its end
//	child INSTRUCTION   in a process of its own
//	cd PATH             go to a directory
//	syscall NUMBER ARG...
//	                    a call of the kernel, whether it succeeds or not; an argument is
//	                    @TEXT for the address of a text, %PATH for the path opened for
//	                    reading, +PATH for writing, &N,N,... for the address of numbers,
//	                    =PATH for that of a socket's address, "socket" for a new socket,
//	                    or a number
//	try INSTRUCTION     go on if it fails
//	log TEXT            a line on standard output
//	err TEXT            a line on standard error
//	print TEXT          standard output, without the line's end
//	serve PORT          answer HTTP in the background
//	call ADDRESS        connect to a port, for up to 10 seconds
//	sleep DURATION
//	exit CODE
//	hold                say that all is done, then wait to be stopped
//	loop                begin again
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	script := os.Args[1:]
	for i := 0; i < len(script); i++ {
		words, err := split(script[i])
		if err == nil && len(words) == 1 && words[0] == "loop" {
			i = -1
			continue
		}
		if err == nil {
			err = do(words)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", script[i], err)
			os.Exit(70)
		}
	}
}

func split(instruction string) ([]string, error) {
	var words []string
	for {
		instruction = strings.TrimLeft(instruction, " ")
		if instruction == "" {
			return words, nil
		}
		if instruction[0] != '"' {
			word, rest, _ := strings.Cut(instruction, " ")
			words, instruction = append(words, word), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(instruction)
		if err != nil {
			return nil, err
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		words, instruction = append(words, word), instruction[len(quoted):]
	}
}

func do(words []string) error {
	if len(words) == 0 {
		return nil
	}
	if words[0] == "try" && len(words) == 2 {
		return try(words[1])
	}
	action, ok := actions[words[0]]
	if !ok {
		return errors.New("no such instruction")
	}
	if action.operands != anyNumber && len(words)-1 != action.operands {
		return fmt.Errorf("wants %d operands", action.operands)
	}
	return action.run(words[1:])
}

type action struct {
	operands int
	run      func(w []string) error
}

// anyNumber of operands.
const anyNumber = -1

var actions = map[string]action{
	"write":     {2, func(w []string) error { return os.WriteFile(w[0], []byte(w[1]), 0o644) }},
	"append":    {2, func(w []string) error { return appendTo(w[0], w[1]) }},
	"fill":      {2, func(w []string) error { return fill(w[0], w[1]) }},
	"mmapwrite": {2, func(w []string) error { return mmapWrite(w[0], w[1]) }},
	"rewrite":   {2, func(w []string) error { return rewrite(w[0], w[1]) }},
	"open":      {1, func(w []string) error { return appendTo(w[0], "") }},
	"tmpfile":   {2, func(w []string) error { return tmpfile(w[0], w[1]) }},
	"mkdir":     {1, func(w []string) error { return os.MkdirAll(w[0], 0o755) }},
	"rename":    {2, func(w []string) error { return rename(w[0], w[1]) }},
	"rm":        {1, func(w []string) error { return os.RemoveAll(w[0]) }},
	"chmod":     {2, func(w []string) error { return chmod(w[0], w[1]) }},
	"chown":     {3, func(w []string) error { return chown(w[0], w[1], w[2]) }},
	"attribute": {3, func(w []string) error { return unix.Lsetxattr(w[0], w[1], []byte(w[2]), 0) }},
	"link":      {2, func(w []string) error { return os.Link(w[0], w[1]) }},
	"symlink":   {2, func(w []string) error { return os.Symlink(w[0], w[1]) }},
	"fifo":      {1, func(w []string) error { return syscall.Mkfifo(w[0], 0o644) }},
	"socket":    {1, func(w []string) error { return socket(w[0]) }},
	"many":      {2, func(w []string) error { return many(w[0], w[1]) }},
	"copy":      {2, func(w []string) error { return copyFile(w[0], w[1]) }},
	"run":       {1, func(w []string) error { return exec.Command(w[0], "sleep 1ms").Run() }},
	"child":     {1, func(w []string) error { return child(w[0]) }},
	"cd":        {1, func(w []string) error { return os.Chdir(w[0]) }},
	"syscall":   {anyNumber, func(w []string) error { return call(w) }},
	"log":       {1, func(w []string) error { return say(os.Stdout, w[0]+"\n") }},
	"err":       {1, func(w []string) error { return say(os.Stderr, w[0]+"\n") }},
	"print":     {1, func(w []string) error { return say(os.Stdout, w[0]) }},
	"serve":     {1, func(w []string) error { return serve(w[0]) }},
	"call":      {1, func(w []string) error { return connect(w[0]) }},
	"sleep":     {1, func(w []string) error { return sleep(w[0]) }},
	"exit":      {1, func(w []string) error { return exit(w[0]) }},
	"hold":      {0, func([]string) error { return hold() }},
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode())
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}

func fill(path, size string) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	block := []byte(strings.Repeat("petrify ", 8192))
	for ; n > 0; n -= len(block) {
		if _, err := f.Write(block[:min(n, len(block))]); err != nil {
			return err
		}
	}
	return nil
}

func rewrite(path, text string) error {
	before, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return err
	}
	return os.Chtimes(path, time.Time{}, before.ModTime())
}

func mmapWrite(path, text string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(int64(len(text))); err != nil {
		return err
	}
	m, err := syscall.Mmap(int(f.Fd()), 0, len(text), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	copy(m, text)
	return syscall.Munmap(m)
}

func tmpfile(dir, text string) error {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte(text))
	return err
}

func child(instruction string) error {
	cmd := exec.Command("/proc/self/exe", instruction, "sleep 50ms") // long enough to be looked at
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

func try(instruction string) error {
	words, err := split(instruction)
	if err != nil {
		return err
	}
	_ = do(words)
	return nil
}

// call asks the kernel as it was told to, and does not mind the answer.
func call(words []string) error {
	var numbers [7]uintptr
	var kept runtime.Pinner
	defer kept.Unpin()
	if len(words) == 0 || len(words) > len(numbers) {
		return errors.New("wants a number and up to 6 arguments")
	}
	for i, word := range words {
		n, err := argument(word, &kept)
		if err != nil {
			return fmt.Errorf("argument %d: %w", i, err)
		}
		numbers[i] = n
	}
	syscall.Syscall6(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6])
	return nil
}

func argument(word string, kept *runtime.Pinner) (uintptr, error) {
	at := func(b []byte) uintptr {
		kept.Pin(&b[0])
		return uintptr(unsafe.Pointer(&b[0]))
	}
	first, rest := word[:min(1, len(word))], word[min(1, len(word)):]
	switch first {
	case "@":
		return at(append([]byte(rest), 0)), nil
	case "%":
		fd, err := unix.Open(rest, unix.O_RDONLY, 0)
		return uintptr(fd), err
	case "+":
		fd, err := unix.Open(rest, unix.O_WRONLY, 0)
		return uintptr(fd), err
	case "=":
		return at(append(append(binary.NativeEndian.AppendUint16(nil, unix.AF_UNIX), rest...), 0)), nil
	case "&":
		var b []byte
		for text := range strings.SplitSeq(rest, ",") {
			n, err := strconv.ParseUint(text, 0, 64)
			if err != nil {
				return 0, err
			}
			b = binary.NativeEndian.AppendUint64(b, n)
		}
		return at(b), nil
	}
	if word == "socket" {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		return uintptr(fd), err
	}
	n, err := strconv.ParseInt(word, 0, 64)
	return uintptr(n), err
}

// rename copies where overlayfs refuses: it gives EXDEV for a directory of the
// image, and programs such as mv then copy and delete.
func rename(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return os.RemoveAll(from)
}

func chmod(mode, path string) error {
	bits, err := strconv.ParseUint(mode, 8, 32)
	if err != nil {
		return err
	}
	return syscall.Chmod(path, uint32(bits))
}

func chown(uid, gid, path string) error {
	u, err := strconv.Atoi(uid)
	if err != nil {
		return err
	}
	g, err := strconv.Atoi(gid)
	if err != nil {
		return err
	}
	return os.Lchown(path, u, g)
}

func socket(path string) error {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	return syscall.Bind(fd, &syscall.SockaddrUnix{Name: path})
}

func many(count, dir string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	for i := range n {
		sub := filepath.Join(dir, fmt.Sprintf("d%04d", i/1000))
		if i%1000 == 0 {
			if err := os.MkdirAll(sub, 0o755); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%03d", i%1000)), nil, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func say(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return err
}

func serve(port string) error {
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := conn.Read(make([]byte, 1024)); err == nil {
					_, _ = conn.Write([]byte("HTTP/1.0 200 OK\r\n\r\nhello"))
				}
			}()
		}
	}()
	return nil
}

func connect(address string) error {
	var conn net.Conn
	var err error
	for range 100 {
		if conn, err = net.DialTimeout("tcp", address, time.Second); err == nil {
			return conn.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func sleep(text string) error {
	d, err := time.ParseDuration(text)
	time.Sleep(d)
	return err
}

func exit(text string) error {
	code, err := strconv.Atoi(text)
	if err == nil {
		os.Exit(code)
	}
	return err
}

func hold() error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	fmt.Println("holding")
	<-stop
	os.Exit(0)
	return nil
}
