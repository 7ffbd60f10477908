package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
)

func (a *app) newTextconv() *cobra.Command {
	return &cobra.Command{
		Use:   "textconv FILE",
		Short: "Print a file as text for diffs (diff.envelope.textconv)",
		Long:  "Prints the plaintext of FILE, or one line saying that it is sealed where there\nis no key." + exitCodesHelp,
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.textconv(cmd.Context(), args[0]) },
	}
}

// textconv often gets plaintext already: for a blob, Git writes the smudged
// content to the file it passes.
func (a *app) textconv(ctx context.Context, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := readHead(f)
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	if !head.magic {
		return copyOut(a.out, f)
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	plain, err := c.filter().Show(ctx, f)
	var ring *keys.RingError
	switch {
	case errors.As(err, &ring) && exitCode(err) == exitLocked:
		a.printf("[sealed: ring %s, key %s, %d bytes: %v]\n", ring.Ring, ring.ID.Short(), size, ring.Cause)
		return nil
	case errors.Is(err, filter.ErrNewer):
		a.printf("[%v, %d bytes]\n", filter.ErrNewer, size)
		return nil
	}
	if err != nil {
		return about(name, err)
	}
	return about(name, copyOut(a.out, plain))
}

func (a *app) newCat() *cobra.Command {
	return &cobra.Command{
		Use:   "cat [REV:]PATH",
		Short: "Print the plaintext of one file",
		Long: `Prints a file of the work tree, or of a revision, as plaintext, also in a clone
that was never unlocked. A ring locked with 'git envelope lock' stays shut. PATH
is relative to the current folder; in REV:PATH it is relative to the top, as in
Git.` + exitCodesHelp,
		Example: "  git envelope cat env/prod/db.yaml\n  git envelope cat HEAD~3:env/prod/db.yaml",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.cat(cmd.Context(), args[0]) },
	}
}

func (a *app) cat(ctx context.Context, name string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	in, err := c.content(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	plain, err := c.filter().Show(ctx, in)
	if err != nil {
		return about(name, err)
	}
	return about(name, copyOut(a.out, plain))
}

// content opens a file, or REV:PATH where there is no such file.
func (c *clone) content(ctx context.Context, name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err == nil {
		return f, nil
	}
	if !strings.Contains(name, ":") {
		return nil, usage(err, "name a file, or REV:PATH")
	}
	o, err := c.blobs.Open(ctx, name)
	if errors.Is(err, gitrepo.ErrMissing) {
		return nil, usage(fmt.Errorf("there is no %s", show(name)), "name a file, or REV:PATH with PATH from the top")
	}
	return o, err
}

// relative turns a path as typed into one relative to the top, as Git has it.
func (c *clone) relative(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(dir, filepath.Base(abs))
	}
	top, err := filepath.EvalSymlinks(c.repo.WorkTree)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(top, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return "", usage(fmt.Errorf("%s is outside the work tree", show(name)), "")
	}
	return filepath.ToSlash(rel), nil
}
