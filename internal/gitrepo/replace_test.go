package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// replaceable is a repository of n files, and what has all of them hold "new".
func replaceable(t *testing.T, n int) (g *gittest.Repo, r *Repo, list []Replacement) {
	t.Helper()
	g = gittest.New(t)
	for i := range n {
		g.Write(fmt.Sprintf("f%03d", i), fmt.Sprintf("old %d\n", i))
	}
	g.Git("add", ".")
	g.Git("commit", "-qm", "one")
	oid := g.GitIn("new\n", "hash-object", "-w", "--stdin")
	r = openTest(t, g)
	for i := range n {
		name := fmt.Sprintf("f%03d", i)
		list = append(list, Replacement{name, g.Git("rev-parse", ":"+name), oid})
	}
	return g, r, list
}

func TestReplaceBlobs(t *testing.T) {
	g, r, list := replaceable(t, 5)
	// Staged meanwhile, removed meanwhile, in conflict: what is there stays.
	g.Write("f001", "staged\n")
	g.Git("add", "f001")
	g.Git("rm", "-q", "--cached", "f002")
	g.GitIn(fmt.Sprintf("0 %s 0\tf003\n100644 %s 1\tf003\n100644 %s 2\tf003\n", r.NullOID(), list[3].Old, list[3].Old), "update-index", "--index-info")
	others := func() string { return g.Git("ls-files", "-s", "f001", "f002", "f003") }
	before := others()
	changed, err := r.ReplaceBlobs(t.Context(), list)
	if err != nil || !slices.Equal(changed, []string{"f001", "f002", "f003"}) {
		t.Fatalf("changed %q, %v", changed, err)
	}
	if now := others(); now != before {
		t.Errorf("the index has %s, want %s", now, before)
	}
	for _, name := range []string{"f000", "f004"} {
		if got := g.Git("show", ":"+name); got != "new" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if changed, err := r.ReplaceBlobs(t.Context(), list); err != nil || len(changed) != 5 {
		t.Errorf("again: changed %q, %v", changed, err)
	}
	nothingLeft(t, g)
}

// TestReplaceBlobsRacy: a file that was edited in the very moment it was staged
// still counts as edited afterwards.
func TestReplaceBlobsRacy(t *testing.T) {
	g, r, list := replaceable(t, 2)
	at := time.Now().Add(-time.Hour)
	for _, name := range []string{"f000", ".git/index"} {
		if err := os.Chtimes(filepath.Join(g.Dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	g.Git("update-index", "--refresh")
	// The same size and time as the index has for it.
	g.Write("f000", "OLD 0\n")
	for _, name := range []string{"f000", ".git/index"} {
		if err := os.Chtimes(filepath.Join(g.Dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.ReplaceBlobs(t.Context(), list[1:]); err != nil {
		t.Fatal(err)
	}
	if got := g.Git("diff", "--name-only"); got != "f000\nf001" {
		t.Errorf("modified: %q", got)
	}
}

// TestReplaceBlobsContested: others stage files all the while, and none of it is lost.
func TestReplaceBlobsContested(t *testing.T) {
	g, r, list := replaceable(t, 60)
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 30 {
			name := fmt.Sprintf("f%03d", i)
			g.Write(name, "theirs\n")
			for { // ours may hold the lock for a moment
				if _, err := g.Try("add", name); err == nil {
					break
				}
			}
		}
	})
	var changed []string
	for {
		var err error
		if changed, err = r.ReplaceBlobs(t.Context(), list); err == nil {
			break
		}
		if !errors.Is(err, ErrIndexBusy) {
			t.Error(err)
			break
		}
	}
	all.Wait()
	for i := range 60 {
		name := fmt.Sprintf("f%03d", i)
		want := "new"
		if i < 30 {
			want = "theirs"
		}
		if got := g.Git("show", ":"+name); got != want {
			t.Errorf("%s: %q, want %q (left alone: %v)", name, got, want, slices.Contains(changed, name))
		}
	}
	nothingLeft(t, g)
}

// TestReplaceBlobsWaits: what a git that holds the index for a moment may cost is time.
func TestReplaceBlobsWaits(t *testing.T) {
	defer func(d time.Duration) { lockPatience = d }(lockPatience)
	lockPatience = time.Hour
	g, r, list := replaceable(t, 1)
	lock := filepath.Join(g.Dir, ".git/index.lock")
	writeFile(t, lock, "")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("stopped"))
	defer cancel()
	if _, err := r.ReplaceBlobs(ctx, list); err == nil {
		t.Error("it does not stop when it is told to")
	}
	time.AfterFunc(100*time.Millisecond, func() { _ = os.Remove(lock) })
	if changed, err := r.ReplaceBlobs(t.Context(), list); err != nil || len(changed) > 0 {
		t.Errorf("%q, %v", changed, err)
	}
}

// TestReplaceBlobsBusy: a lock of another is respected, one of ours whose process
// is gone is taken over.
func TestReplaceBlobsBusy(t *testing.T) {
	defer func(d time.Duration) { lockPatience = d }(lockPatience)
	lockPatience = 0
	g, r, list := replaceable(t, 1)
	lock := filepath.Join(g.Dir, ".git/index.lock")
	for _, text := range []string{"", "DIRC", lockMark + "x", lockMark[:5]} {
		writeFile(t, lock, text)
		if _, err := r.ReplaceBlobs(t.Context(), list); !errors.Is(err, ErrIndexBusy) || !strings.Contains(err.Error(), "index.lock") {
			t.Errorf("%q: %v", text, err)
		}
		if b, err := os.ReadFile(lock); err != nil || string(b) != text {
			t.Errorf("the lock is %q, %v", b, err)
		}
	}
	if !canHold {
		return
	}
	writeFile(t, lock, lockMark)
	f, err := os.OpenFile(lock, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := holdFile(f); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReplaceBlobs(t.Context(), list); !errors.Is(err, ErrIndexBusy) {
		t.Errorf("a living process: %v", err)
	}
	f.Close() // as the system does for a killed one
	old := filepath.Join(g.Dir, ".git/index.envelope-1")
	if err := os.Mkdir(old, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if changed, err := r.ReplaceBlobs(t.Context(), list); err != nil || len(changed) != 0 {
		t.Errorf("a process that is gone: %q, %v", changed, err)
	}
	nothingLeft(t, g)
}

func TestReplaceBlobsInterrupted(t *testing.T) {
	g, r, list := replaceable(t, 3)
	before := g.Git("ls-files", "-s")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.ReplaceBlobs(ctx, list); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if now := g.Git("ls-files", "-s"); now != before {
		t.Errorf("the index has %s", now)
	}
	nothingLeft(t, g)
}
