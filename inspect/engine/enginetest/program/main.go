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
//	open PATH           open it for writing, and close it
//	tmpfile DIR TEXT    a file that never has a name
//	mkdir PATH          with its parents
//	rename PATH PATH
//	rm PATH             with all that is below it
//	chmod MODE PATH     the mode in octal
//	chown UID GID PATH
//	link PATH PATH      a hard link to the first
//	symlink TARGET PATH
//	fifo PATH
//	socket PATH
//	many N DIR          N empty files, a thousand to a directory
//	child INSTRUCTION   in a process of its own
//	log TEXT            a line on standard output
//	err TEXT            a line on standard error
//	print TEXT          standard output, without the line's end
//	sleep DURATION
//	exit CODE
//	hold                say that all is done, then wait to be stopped
//	loop                begin again
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

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
	action, ok := actions[words[0]]
	if !ok {
		return errors.New("no such instruction")
	}
	if len(words)-1 != action.operands {
		return fmt.Errorf("wants %d operands", action.operands)
	}
	return action.run(words[1:])
}

type action struct {
	operands int
	run      func(w []string) error
}

var actions = map[string]action{
	"write":     {2, func(w []string) error { return os.WriteFile(w[0], []byte(w[1]), 0o644) }},
	"append":    {2, func(w []string) error { return appendTo(w[0], w[1]) }},
	"fill":      {2, func(w []string) error { return fill(w[0], w[1]) }},
	"mmapwrite": {2, func(w []string) error { return mmapWrite(w[0], w[1]) }},
	"open":      {1, func(w []string) error { return appendTo(w[0], "") }},
	"tmpfile":   {2, func(w []string) error { return tmpfile(w[0], w[1]) }},
	"mkdir":     {1, func(w []string) error { return os.MkdirAll(w[0], 0o755) }},
	"rename":    {2, func(w []string) error { return rename(w[0], w[1]) }},
	"rm":        {1, func(w []string) error { return os.RemoveAll(w[0]) }},
	"chmod":     {2, func(w []string) error { return chmod(w[0], w[1]) }},
	"chown":     {3, func(w []string) error { return chown(w[0], w[1], w[2]) }},
	"link":      {2, func(w []string) error { return os.Link(w[0], w[1]) }},
	"symlink":   {2, func(w []string) error { return os.Symlink(w[0], w[1]) }},
	"fifo":      {1, func(w []string) error { return syscall.Mkfifo(w[0], 0o644) }},
	"socket":    {1, func(w []string) error { return socket(w[0]) }},
	"many":      {2, func(w []string) error { return many(w[0], w[1]) }},
	"child":     {1, func(w []string) error { return child(w[0]) }},
	"log":       {1, func(w []string) error { return say(os.Stdout, w[0]+"\n") }},
	"err":       {1, func(w []string) error { return say(os.Stderr, w[0]+"\n") }},
	"print":     {1, func(w []string) error { return say(os.Stdout, w[0]) }},
	"sleep":     {1, func(w []string) error { return sleep(w[0]) }},
	"exit":      {1, func(w []string) error { return exit(w[0]) }},
	"hold":      {0, func([]string) error { return hold() }},
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
	cmd := exec.Command("/proc/self/exe", instruction)
	cmd.Stderr = os.Stderr
	return cmd.Run()
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
