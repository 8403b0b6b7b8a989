//go:build linux && (amd64 || arm64)

package refusals

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// servers are those whose throughput is measured, with the load for each. PORT and DIR are
// filled in.
var servers = []struct {
	name     string
	server   string
	load     string
	rate     *regexp.Regexp // of requests a second, in what the load prints
	settings string         // a file beside it, DIR/settings
}{
	{
		"web server", "nginx -p DIR -c DIR/settings -e DIR/errors", "ab -q -k -n 60000 -c 8 http://127.0.0.1:PORT/page",
		regexp.MustCompile(`Requests per second:\s+([0-9.]+)`),
		`daemon off; master_process off; pid DIR/pid; events { worker_connections 64; }
http { access_log DIR/log; client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c; uwsgi_temp_path DIR/d; scgi_temp_path DIR/e;
  server { listen 127.0.0.1:PORT; root DIR; } }`,
	},
	{
		"database", "redis-server --bind 127.0.0.1 --port PORT --dir DIR --appendonly yes", "redis-benchmark -p PORT -q -n 60000 -c 8 -t set",
		regexp.MustCompile(`SET: ([0-9.]+) requests per second`), "",
	},
}

// BenchmarkThroughput measures how many requests a server answers less while somebody is
// followed, and how much more processor time they take it, which other load of the machine
// changes least: the median of pairs, in turns without and with. It takes what serves and
// what asks from the machine: nginx, ab, redis-server and redis-benchmark.
func BenchmarkThroughput(b *testing.B) {
	for _, s := range servers {
		b.Run(s.name, func(b *testing.B) {
			c := collect(b, ringSize, mostTogether)
			dir := b.TempDir()
			port := freePort(b)
			fill := strings.NewReplacer("DIR", dir, "PORT", port)
			for name, text := range map[string]string{"settings": fill.Replace(s.settings), "page": strings.Repeat("x", 1000)} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					b.Fatal(err)
				}
			}
			server := serve(b, strings.Fields(fill.Replace(s.server)), port)
			load := strings.Fields(fill.Replace(s.load))
			measure := func() float64 {
				said, err := exec.CommandContext(b.Context(), load[0], load[1:]...).CombinedOutput()
				if err != nil {
					b.Skipf("%s: %v: %s", load[0], err, said)
				}
				all := s.rate.FindAllSubmatch(said, -1)
				if len(all) == 0 {
					b.Fatalf("%s says no rate: %s", load[0], said)
				}
				rate, err := strconv.ParseFloat(string(all[len(all)-1][1]), 64)
				if err != nil {
					b.Fatal(err)
				}
				return rate
			}
			measure() // what is done for the first time takes longer
			var rates, less, more []float64
			for i := 0; b.Loop(); i++ {
				var rate, took [2]float64
				for _, followed := range [2]int{i % 2, 1 - i%2} { // neither is always the first
					if followed == 1 {
						if err := c.Follow(anybody, Options{Wide: true}); err != nil {
							b.Fatal(err)
						}
					}
					began := processorTimeOf(b, server)
					rate[followed] = measure()
					took[followed] = processorTimeOf(b, server) - began
					c.Forget(anybody)
				}
				rates, less, more = append(rates, rate[0]), append(less, (1-rate[1]/rate[0])*100), append(more, (took[1]/took[0]-1)*100)
			}
			slices.Sort(rates)
			slices.Sort(less)
			slices.Sort(more)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(rates[len(rates)/2], "requests/s")
			b.ReportMetric(less[len(less)/2], "%-median-less")
			b.ReportMetric(more[len(more)/2], "%-cpu-median-more")
		})
	}
}

func freePort(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// serve starts a server, and waits until it listens. It ends with the benchmark.
func serve(b *testing.B, command []string, port string) (pid int) {
	ctx, cancel := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, command[0], command[1:]...)
	if err := server.Start(); err != nil {
		cancel()
		b.Skip(err)
	}
	b.Cleanup(func() {
		cancel()
		_ = server.Wait()
	})
	for range 100 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			c.Close()
			return server.Process.Pid
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("%s does not listen", command[0])
	return 0
}

// processorTimeOf is what all threads of a process have taken, in nanoseconds.
func processorTimeOf(b *testing.B, pid int) (sum float64) {
	all, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/schedstat")
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		took, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseFloat(took, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += n
	}
	return sum
}
