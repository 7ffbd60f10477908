package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Attributes asks a persistent "git check-attr" for the attributes of paths. It
// may be used concurrently. Git reads the .gitattributes files of a directory
// once; Close makes the next call read them anew.
type Attributes struct {
	repo    *Repo
	options []string
	names   []string
	treeish string
	mu      sync.Mutex
	child   *coproc
}

// Attributes are the attributes in force on check-in: from the work tree, and
// where a .gitattributes file is not checked out, from the index.
func (r *Repo) Attributes(names ...string) *Attributes {
	return r.attributes(&Attributes{repo: r, names: names})
}

// AttributesCached are those of the index alone.
func (r *Repo) AttributesCached(names ...string) *Attributes {
	return r.attributes(&Attributes{repo: r, names: names, options: []string{"--cached"}})
}

// AttributesAt are those of a tree. Get fails with ErrUnsupported before Git 2.40.
func (r *Repo) AttributesAt(treeish string, names ...string) *Attributes {
	return r.attributes(&Attributes{repo: r, names: names, treeish: treeish})
}

func (r *Repo) attributes(a *Attributes) *Attributes {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attrs = append(r.attrs, a)
	return a
}

// Warm starts git ahead of the first question. A failure shows when it is needed.
func (a *Attributes) Warm(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.child == nil && len(a.names) > 0 {
		_ = a.start(ctx)
	}
}

// Get is the state of each attribute for a path: "set", "unset", "unspecified",
// or its value. The path need not exist.
func (a *Attributes) Get(ctx context.Context, path string) (map[string]string, error) {
	var got map[string]string
	err := a.Each(ctx, []string{path}, func(_ string, attrs map[string]string) error {
		got = attrs
		return nil
	})
	return got, err
}

// Each asks for many paths without waiting for each answer before the next
// question, and calls f for each, in order. An error of f ends it.
func (a *Attributes) Each(ctx context.Context, paths []string, f func(path string, attrs map[string]string) error) error {
	if err := checkPaths(paths); err != nil {
		return err
	}
	if len(paths) == 0 || len(a.names) == 0 {
		for _, p := range paths {
			if err := f(p, map[string]string{}); err != nil {
				return err
			}
		}
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	done := 0
	count := func(path string, attrs map[string]string) error { done++; return f(path, attrs) }
	for {
		veteran := a.child != nil
		if !veteran {
			if err := a.start(ctx); err != nil {
				return err
			}
		}
		err := a.request(ctx, paths, count)
		if lost(err) && veteran && done == 0 && ctx.Err() == nil {
			continue // it had gone before we asked
		}
		return err
	}
}

// Close ends the process and waits for it.
func (a *Attributes) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.child == nil {
		return nil
	}
	c := a.child
	a.child = nil
	return c.end()
}

func (a *Attributes) start(ctx context.Context) error {
	args := append([]string{"check-attr", "--stdin", "-z"}, a.options...)
	if a.treeish != "" {
		v, err := a.repo.Version(ctx)
		if err != nil {
			return err
		}
		if !v.AtLeast(2, 40) {
			return fmt.Errorf("attributes of %s: %w: it is %v, 2.40 is needed", a.treeish, ErrUnsupported, v)
		}
		args = append(args, "--source="+a.treeish)
	}
	for _, name := range a.names {
		if name == "" || strings.HasPrefix(name, "-") {
			return fmt.Errorf("%q: not the name of an attribute", name)
		}
	}
	c, err := a.repo.git.startCoproc(false, append(args, a.names...)...)
	a.child = c
	return err
}

// request writes the questions beside reading the answers: one after the other
// would fill both pipes and stop.
func (a *Attributes) request(ctx context.Context, paths []string, f func(string, map[string]string) error) error {
	c := a.child
	stop := c.interruptible(ctx)
	written := make(chan error, 1)
	go func() {
		_, err := io.Copy(c.in, nul(paths))
		written <- err
	}()
	var refused error // by f, which may well return io.EOF
	err := a.answers(c, paths, func(path string, attrs map[string]string) error {
		refused = f(path, attrs)
		return refused
	})
	if err == nil {
		err = <-written
	}
	if err == nil && stop() {
		return nil
	}
	stop()
	a.child = nil // it may have answers under way that nobody waits for
	if refused != nil {
		_ = c.cmd.Process.Kill()
		_ = c.end()
		return refused
	}
	return c.abandon(ctx, err)
}

func (a *Attributes) answers(c *coproc, paths []string, f func(string, map[string]string) error) error {
	for _, path := range paths {
		attrs := make(map[string]string, len(a.names))
		for range a.names {
			var field [3]string
			for i := range field {
				s, err := readField(c.out)
				if err != nil {
					return err
				}
				field[i] = s
			}
			if field[0] != path {
				return fmt.Errorf("git check-attr: asked for %q, answered for %q", path, field[0])
			}
			attrs[field[1]] = field[2]
		}
		if err := f(path, attrs); err != nil {
			return err
		}
	}
	return nil
}

// readField reads up to the next NUL.
func readField(r *bufio.Reader) (string, error) {
	s, err := r.ReadString(0)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	return s[:len(s)-1], nil
}
