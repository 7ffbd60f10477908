package main

import (
	"bytes"
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/audit"
)

type auditOptions struct {
	json bool
	html string
	rev  string
}

func (a *app) newAudit() *cobra.Command {
	var o auditOptions
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Tell who can open what, and who once could",
		Long: `Tells which recipients open which rings and files, through which generations of
their keys; how old these are, what is overdue or missing; and from the history,
which recipients were removed, when, by whom, and what they could read: which
files to reseal, and which secrets to replace at their source.

It opens nothing, needs no key and asks no service. What it prints holds names
and times only. Whether a file's text changed since somebody could read it shows
in its length alone. Exits 1 if there is something to do, 3 if the history is
cut, as in a shallow clone.` + exitCodesHelp,
		Example: "  git envelope audit --html audit.html\n  git envelope audit --rev v1.0 --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.audit(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON for machines")
	f.StringVar(&o.html, "html", "", "write a page to `FILE`, - for standard output")
	f.StringVar(&o.rev, "rev", "", "look at the commit `REV` and its history\n(default: the index, and the history of HEAD)")
	cmd.MarkFlagsMutuallyExclusive("json", "html")
	_ = cmd.RegisterFlagCompletionFunc("rev", cobra.NoFileCompletions)
	_ = cmd.MarkFlagFilename("html", "html")
	return cmd
}

func (a *app) audit(ctx context.Context, o auditOptions) error {
	r, err := a.audited(ctx, o.rev)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		err = a.printJSON(r)
	case o.html != "":
		err = a.writeAudit(r, o.html)
	default:
		err = r.Text(a.out, show)
	}
	switch {
	case err != nil:
		return err
	case !r.Complete:
		return errUndetermined
	case r.Failed():
		return errFindings
	}
	return nil
}

// writeAudit writes the page as a whole or not at all.
func (a *app) writeAudit(r *audit.Report, name string) error {
	var b bytes.Buffer
	if err := r.HTML(&b, show); err != nil {
		return err
	}
	if name == "-" {
		return copyOut(a.out, &b)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(name, b.Bytes(), 0o644) // a device or a pipe is written to, not replaced
	}
	if err := writeFile(name, b.Bytes()); err != nil {
		return err
	}
	a.printf("wrote %s\n", show(name))
	return nil
}
