package gitrepo_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// packed is a repository of n blobs of 2 KB in one pack.
func packed(b *testing.B, n int) *gittest.Repo {
	s := gittest.New(b)
	for i := range n {
		s.Write(fmt.Sprintf("d%d/f%d", i%50, i), string(large(2000 + i)[i:]))
	}
	s.Commit("one")
	s.Git("gc", "--quiet")
	return s
}

func BenchmarkOpen(b *testing.B) {
	s := gittest.New(b)
	fill(s)
	for name, dir := range map[string]string{"top": s.Dir, "asking git": s.File("dir")} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := gitrepo.OpenEnv(b.Context(), dir, s.Env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBlobs(b *testing.B) {
	s := packed(b, 1000)
	r := open(b, s)
	entries, err := r.Tree(b.Context(), "HEAD")
	must(b, err)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			read(b, r, "HEAD:d1/f1")
			must(b, r.Close())
		}
	})
	b.Run("by id", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			o, err := r.Blobs().Open(b.Context(), entries[i%len(entries)].OID)
			must(b, err)
			_, _ = io.Copy(io.Discard, o)
		}
	})
	b.Run("index path", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_, err := r.Blobs().OpenIndex(b.Context(), entries[i%len(entries)].Path, 0)
			must(b, err)
		}
	})
	b.Run("missing", func(b *testing.B) {
		for b.Loop() {
			_, _ = r.Blobs().OpenIndex(b.Context(), "none", 0)
		}
	})
}

func BenchmarkAttributes(b *testing.B) {
	s := gittest.New(b)
	fill(s)
	r := open(b, s)
	var paths []string
	for i := range 10_000 {
		paths = append(paths, fmt.Sprintf("d%d/f%d.txt", i%50, i))
	}
	b.Run("one", func(b *testing.B) {
		a := r.Attributes("filter", "text")
		for i := 0; b.Loop(); i++ {
			_, err := a.Get(b.Context(), paths[i%len(paths)])
			must(b, err)
		}
	})
	b.Run("10000", func(b *testing.B) {
		a := r.Attributes("filter", "text")
		for b.Loop() {
			must(b, a.Each(b.Context(), paths, func(string, map[string]string) error { return nil }))
		}
	})
}

func BenchmarkIndex100k(b *testing.B) {
	s := gittest.New(b)
	oid := s.GitIn("x\n", "hash-object", "-w", "--stdin")
	var in strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&in, "100644 %s 0\tdir%d/sub%d/file%d.go\n", oid, i%100, i%1000, i)
	}
	s.GitIn(in.String(), "update-index", "--index-info")
	r := open(b, s)
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			if index, err := r.Index(b.Context()); err != nil || len(index) != 100_000 {
				b.Fatal(len(index), err)
			}
		}
	})
	b.Run("one path, cold", func(b *testing.B) {
		for b.Loop() {
			_, err := r.Blobs().OpenIndex(b.Context(), "dir5/sub505/file505.go", 0)
			must(b, err)
			must(b, r.Close())
		}
	})
}
