package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/filter/process"
)

// delayAfter is how long a smudge waits for its key before Git is asked to come
// back later. A local identity answers within a millisecond or two. Tests make it shorter.
var delayAfter = 50 * time.Millisecond

func (a *app) newFilterProcess() *cobra.Command {
	return &cobra.Command{
		Use:   "filter-process",
		Short: "Seal and open the files of one Git command",
		Long: `Speaks Git's long-running filter protocol, version 2, on standard input and
output (gitattributes(5), "Long Running Filter Process"). Git starts it.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.filterProcess(cmd.Context()) },
	}
}

func (a *app) filterProcess(ctx context.Context) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if a.env.tracePacket != "" && a.env.tracePacket != "0" {
		a.warningf("GIT_TRACE_PACKET is set: Git prints the plaintext of sealed files into its trace")
	}
	f := c.filter()
	defer f.Close()
	err = process.Serve(ctx, a.in, a.out, a.handler(f), func(r process.Request, err error) { a.fileFailed(r.Path, err) })
	a.summarize(f)
	return err
}

// fileFailed tells why one file failed; Git itself names only the filter.
func (a *app) fileFailed(path string, err error) {
	a.errorf("%s: %s", show(path), inLines(err))
	for _, h := range hints(err) {
		a.hintf("%s", h)
	}
}

// summarize tells, once per command, what was left sealed and why.
func (a *app) summarize(f *filter.Filter) {
	left, plain := f.Summary()
	for _, l := range left {
		files := show(l.Path)
		if l.Count > 1 {
			files += " and " + plural(l.Count-1, "more file")
		}
		a.warningf("left sealed: %s: %s", files, inLines(l.Err))
		for _, h := range hints(l.Err) {
			a.hintf("%s", h)
		}
	}
	if len(plain) > 0 {
		a.warningf("%s in the repository in plain although Git filters it: %s", plural(len(plain), "file"), show(plain[0]))
		a.hintf("'git envelope status' lists them; 'git add --renormalize PATH' seals one")
	}
}

func (a *app) newClean() *cobra.Command {
	return &cobra.Command{
		Use:   "clean PATH",
		Short: "Seal one file from standard input (filter.envelope.clean)",
		Long:  "For Git clients without long-running filters. Prints nothing unless the whole\nfile was sealed." + exitCodesHelp,
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.oneShot(cmd.Context(), "clean", args[0]) },
	}
}

func (a *app) newSmudge() *cobra.Command {
	return &cobra.Command{
		Use:   "smudge PATH",
		Short: "Open one file from standard input (filter.envelope.smudge)",
		Long:  "For Git clients without long-running filters. A file that may not be opened is\nprinted as it is, sealed." + exitCodesHelp,
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.oneShot(cmd.Context(), "smudge", args[0]) },
	}
}

// oneShot serves a single file. Git takes what was printed only if the exit
// code is 0.
func (a *app) oneShot(ctx context.Context, command, path string) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	f := c.filter()
	defer f.Close()
	out, err := f.Handle(ctx, process.Request{Command: command, Path: path}, a.in)
	if err != nil {
		return about(path, err)
	}
	defer out.Close()
	err = copyOut(a.out, out)
	a.summarize(f)
	return about(path, err)
}
