package gitrepo

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// cpuTime is what this process and its ended children have used.
func cpuTime(b *testing.B) (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}

// BenchmarkAllObjects sets the CPU time of git and us, reading every object,
// against that of git alone that writes them to nowhere. GITREPO_BENCH names a
// repository to read instead of a made one.
func BenchmarkAllObjects(b *testing.B) {
	dir, env := os.Getenv("GITREPO_BENCH"), gittest.Environ(b)
	if dir == "" {
		g := gittest.New(b)
		for i := range 3000 {
			g.Write(fmt.Sprintf("d%d/f%d", i%50, i), noise(i%20000, uint32(i)))
		}
		g.Commit("one")
		g.Git("repack", "-adq")
		dir = g.Dir
	}
	measure := func(name string, read func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			start, n := cpuTime(b), 0
			for b.Loop() {
				read(b)
				n++
			}
			b.ReportMetric(float64((cpuTime(b)-start).Microseconds())/1000/float64(n), "cpu-ms/op")
		})
	}
	measure("git", func(b *testing.B) {
		cmd := exec.Command("git", "cat-file", "--batch", "--batch-all-objects", "--unordered", "--buffer")
		cmd.Dir, cmd.Env = dir, env
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
	})
	r, err := OpenEnv(b.Context(), dir, env)
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 64<<10)
	measure("stream", func(b *testing.B) {
		for o, err := range r.AllObjects(b.Context()) {
			if err == nil {
				_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, o.Reader, buf)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
