package envelope_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/klauspost/compress/zstd"
)

// BenchmarkParameters is the measurement behind docs/decisions/0002: for each
// set of parameters the size of a Git pack after 20 small edits, against the
// pack of the plaintext. It takes minutes; run it as
//
//	go test -run - -bench Parameters -benchtime 1x ./internal/envelope
func BenchmarkParameters(b *testing.B) {
	git, err := exec.LookPath("git")
	if err != nil {
		b.Skip("no git")
	}
	for _, c := range []struct {
		name string
		p    []byte
	}{
		{"yaml-200K", yamlText(200 << 10)},
		{"log-8M", logText(8 << 20)},
		{"sql-8M", sqlText(8 << 20)},
		{"json-8M", jsonState(8 << 20)},
	} {
		plain := packOf(b, git, versions(c.p, func(p []byte) []byte { return p }))
		for _, s := range []envelope.Segmenting{{11, 11, 11, 14}, {11, 12, 12, 15}, {11, 13, 13, 16}, {11, 14, 14, 16}, {11, 11, 14, 16}, {11, 12, 14, 16}, {11, 11, 15, 17}} {
			for _, l := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault} {
				b.Run(fmt.Sprintf("%s/%d-%d-%d-%d/%v", c.name, s.MinLog, s.LowLog, s.HighLog, s.MaxLog, l), func(b *testing.B) {
					defer envelope.UseLevel(l)()
					var sealed []byte
					b.SetBytes(int64(len(c.p)))
					for b.Loop() {
						sealed = sealWith(b, testKey, s, c.p)
					}
					b.StopTimer()
					info, err := envelope.Inspect(bytes.NewReader(sealed))
					if err != nil {
						b.Fatal(err)
					}
					pack := packOf(b, git, versions(c.p, func(p []byte) []byte { return sealWith(b, testKey, s, p) }))
					b.ReportMetric(float64(pack)/float64(plain), "pack-ratio")
					b.ReportMetric(float64(len(c.p)/info.Segments), "B/segment")
					b.ReportMetric(float64(info.Size)/float64(len(c.p)), "size-ratio")
				})
			}
		}
	}
}

// versions returns p and 20 successive edits of 100 bytes, each through f.
func versions(p []byte, f func([]byte) []byte) [][]byte {
	r := source("edits")
	v := [][]byte{f(p)}
	for range 20 {
		p = edit(p, r, 100)
		v = append(v, f(p))
	}
	return v
}

// packOf commits the versions of one file in a new repository and returns the
// size of its objects after git gc.
func packOf(b *testing.B, git string, versions [][]byte) int64 {
	b.Helper()
	dir := b.TempDir()
	run := func(args ...string) {
		cmd := exec.Command(git, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "LC_ALL=C")
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	run("init", "-q")
	for i, v := range versions {
		if err := os.WriteFile(filepath.Join(dir, "file"), v, 0o600); err != nil {
			b.Fatal(err)
		}
		run("add", "file")
		run("commit", "-qm", strconv.Itoa(i))
	}
	run("gc", "-q")
	packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
	if err != nil || len(packs) != 1 {
		b.Fatalf("packs: %v %v", packs, err)
	}
	st, err := os.Stat(packs[0])
	if err != nil {
		b.Fatal(err)
	}
	return st.Size()
}
