package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// One question at a time must not wait for git's buffers, and 20,000 at once must
// not fill both pipes.
func TestAttributesOneAndMany(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	a := open(t, s).Attributes("filter", "diff")
	for i := range 300 {
		got, err := a.Get(t.Context(), fmt.Sprintf("dir/%d.txt", i))
		must(t, err)
		if got["filter"] != "x" || got["diff"] != "d" || len(got) != 2 {
			t.Fatalf("%d: %v", i, got)
		}
	}
	var paths []string
	for i := range 20_000 {
		paths = append(paths, fmt.Sprintf("some/rather/long/directory/name/number/%d/file.txt", i%1000))
	}
	n := 0
	must(t, a.Each(t.Context(), paths, func(path string, attrs map[string]string) error {
		if path != paths[n] || attrs["filter"] != "x" || attrs["diff"] != "unspecified" {
			return fmt.Errorf("%d %q: %v", n, path, attrs)
		}
		n++
		return nil
	}))
	if n != len(paths) {
		t.Errorf("%d answers", n)
	}
	if err := a.Each(t.Context(), paths, func(string, map[string]string) error { return io.EOF }); err != io.EOF {
		t.Errorf("stopped with %v", err)
	}
	if got, err := a.Get(t.Context(), "a.txt"); err != nil || got["filter"] != "x" {
		t.Errorf("after a stop: %v %v", got, err)
	}
}

func TestAttributesConcurrent(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	a := open(t, s).Attributes("filter")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				ext, want := "txt", "x"
				if (i+g)%2 == 0 {
					ext, want = "bin", "unspecified"
				}
				got, err := a.Get(t.Context(), fmt.Sprintf("%d.%s", i, ext))
				if err != nil || got["filter"] != want {
					t.Errorf("%v %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAttributesSources(t *testing.T) {
	s := gittest.New(t)
	s.Write(".gitattributes", "* a=committed\n")
	s.Commit("one")
	s.Write(".gitattributes", "* a=staged\n")
	s.Git("add", ".")
	s.Write(".gitattributes", "* a=here\n")
	r := open(t, s)
	want := func(a *gitrepo.Attributes, value string) {
		t.Helper()
		if got, err := a.Get(t.Context(), "f"); err != nil || got["a"] != value {
			t.Errorf("got %v, %v; want %s", got, err, value)
		}
	}
	here := r.Attributes("a")
	want(here, "here")
	want(r.AttributesCached("a"), "staged")
	must(t, os.Remove(s.File(".gitattributes")))
	must(t, here.Close())
	want(here, "staged")
	v, err := r.Version(t.Context())
	must(t, err)
	at := r.AttributesAt("HEAD", "a")
	if v.AtLeast(2, 40) {
		want(at, "committed")
	} else if _, err := at.Get(t.Context(), "f"); !errors.Is(err, gitrepo.ErrUnsupported) || !strings.Contains(err.Error(), v.String()) {
		t.Errorf("on git %v: %v", v, err)
	}
}

func TestAttributesRefused(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	r := open(t, s)
	a := r.Attributes("filter")
	for _, path := range []string{"", "/abs", "../up", "a\x00b"} {
		if _, err := a.Get(t.Context(), path); err == nil {
			t.Errorf("%q was asked", path)
		}
	}
	for _, name := range []string{"--all", ""} {
		if _, err := r.Attributes(name).Get(t.Context(), "f"); err == nil {
			t.Errorf("attribute %q was asked", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Get(ctx, "a.txt"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got, err := a.Get(t.Context(), "a.txt"); err != nil || got["filter"] != "x" {
		t.Errorf("after: %v %v", got, err)
	}
}

// Neither tracing nor pathspec variables of the user's change what we read.
func TestEnvironmentDoesNotLeak(t *testing.T) {
	s := gittest.New(t)
	fill(s)
	e := s.With("GIT_TRACE=1", "GIT_TRACE2=1", "GIT_TRACE_PACKET=/dev/stderr", "GIT_TRACE_SETUP=2", "GIT_ICASE_PATHSPECS=1",
		"GIT_LITERAL_PATHSPECS=1", "GIT_FLUSH=0", "GIT_EXTERNAL_DIFF=false", "LC_ALL=de_DE.UTF-8", "LANGUAGE=de", "GIT_PAGER=false")
	r := openAt(t, e, e.File("dir/sub"))
	checkEverything(t, e, r)
	if _, err := r.Run(t.Context(), nil, "cat-file", "-p", "nope"); err == nil || err.Error() != "git cat-file: Not a valid object name nope" {
		t.Errorf("error %q", err)
	}
}
