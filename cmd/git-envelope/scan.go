package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/report"
	"github.com/git-envelope/git-envelope/internal/sweep"
)

type scanOptions struct {
	staged      bool
	tree        string
	span        string // A..B
	history     bool
	unreachable bool
	preReceive  bool
	paths       []string

	format, output string
	baseline       string
	update         bool
	shard          string
	part           sweep.Shard
	noCache        bool
	noKeys         bool
	strict         bool
	verbose        bool
	jobs           int
	timeout        time.Duration
}

func (a *app) newScan() *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "scan [--staged | --tree REV | --range A..B | --history | PATH…]",
		Short: "Find secrets, and prove that what the policy wants sealed is sealed",
		Long: `Judges what is staged, a revision, a range of commits, the whole history, or
files and folders ("-" is standard input):

  1  what the policy wants sealed is plaintext, damaged or under a foreign key
  2  protection was weakened against the base
  3  content that holds a secret, by rule ('git envelope rules')
  4  content that holds the very value of something sealed elsewhere, in clear
     or encoded (with keys at hand)

No key is needed; with one, sealed files are authenticated too and verdict 4 is
reached. --history reads every object that any reference leads to: all branches,
tags, notes, stashes, messages and names. Objects found clean are remembered
below .git/envelope/scan, so that the next scan is quick.

What is no secret is allowed by 'envelope:allow REASON' on its line, by a line
in .envelope/allow (fingerprint, rule:ID or path:GLOB, until=DATE, reason), or
by a baseline: --baseline, else .envelope/baseline.json. A change is judged by
what its base allows.` + exitCodesHelp,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { return nil, 0 },
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			if err := o.check(); err != nil {
				return err
			}
			return a.scan(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.staged, "staged", false, "what is staged, against HEAD")
	f.StringVar(&o.tree, "tree", "", "every file of `REV`")
	f.StringVar(&o.span, "range", "", "what `A..B` brings: each commit, message and name")
	f.BoolVar(&o.history, "history", false, "everything that any reference leads to")
	f.BoolVar(&o.unreachable, "unreachable", false, "with --history: reflogs and dangling objects too")
	f.BoolVar(&o.preReceive, "pre-receive", false, "what a push brings; 'old new ref' lines on standard input")
	f.StringVar(&o.format, "format", "text", strings.Join(report.Formats, ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE`")
	f.StringVar(&o.baseline, "baseline", "", "findings in `FILE` are known and do not count")
	f.BoolVar(&o.update, "update-baseline", false, "write the findings to the baseline instead")
	f.StringVar(&o.shard, "shard", "", "scan only part `I/N`; 'git envelope report' merges")
	f.BoolVar(&o.noCache, "no-cache", false, "neither use nor keep what was found clean")
	f.BoolVar(&o.noKeys, "no-keys", false, "open no sealed file: no verdict 4")
	f.BoolVar(&o.strict, "strict", false, "what could not be looked into makes it undetermined")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show what is allowed, too")
	f.IntVar(&o.jobs, "jobs", 0, "contents searched at once (default: all cores)")
	f.DurationVar(&o.timeout, "timeout", 0, "give up after `TIME`, such as 10m")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(report.Formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// check looks at the flags before anything is read.
func (o *scanOptions) check() error {
	sources := 0
	for _, is := range []bool{o.staged, o.tree != "", o.span != "", o.history, o.preReceive, len(o.paths) > 0} {
		if is {
			sources++
		}
	}
	switch {
	case sources != 1:
		return usage(errors.New("say what to scan"), "use one of --staged, --tree REV, --range A..B, --history, --pre-receive, or paths")
	case !slices.Contains(report.Formats, o.format):
		return usage(fmt.Errorf("unknown format %q", o.format), "use one of "+strings.Join(report.Formats, ", "))
	case o.unreachable && !o.history:
		return usage(errors.New("--unreachable goes with --history only"), "add --history")
	case o.update && o.baseline == "":
		return usage(errors.New("--update-baseline needs to know the file"), "add --baseline FILE")
	case o.update && o.shard != "":
		return usage(errors.New("one shard is not all there is to a baseline"), "leave --shard out")
	case o.jobs < 0 || o.timeout < 0:
		return usage(errors.New("--jobs and --timeout cannot be negative"), "leave them out for the default")
	}
	if o.span != "" {
		if a, b, ok := strings.Cut(o.span, ".."); !ok || a == "" || strings.HasPrefix(b, ".") {
			return usage(fmt.Errorf("%q is not a range", o.span), "write it as BASE..NEW, such as origin/main..HEAD")
		}
	}
	return o.parseShard()
}

func (o *scanOptions) parseShard() error {
	if o.shard == "" {
		return nil
	}
	i, n, _ := strings.Cut(o.shard, "/")
	index, err1 := strconv.Atoi(i)
	count, err2 := strconv.Atoi(n)
	if err1 != nil || err2 != nil || index < 1 || index > count || count > 10_000 {
		return usage(fmt.Errorf("%q is not a shard", o.shard), "write it as I/N with 1 ≤ I ≤ N, such as --shard 2/4")
	}
	o.part = sweep.Shard{Index: index, Count: count}
	return nil
}

// scope is what a report says that it is about.
func (o *scanOptions) scope() string {
	switch {
	case o.staged:
		return "staged"
	case o.tree != "":
		return "tree " + o.tree
	case o.span != "":
		return "range " + o.span
	case o.unreachable:
		return "history and unreachable objects"
	case o.history:
		return "history"
	case o.preReceive:
		return "push"
	}
	return "files"
}

func (a *app) scan(ctx context.Context, o scanOptions) error {
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	r, err := a.scanReport(ctx, o)
	if errors.Is(err, context.DeadlineExceeded) {
		return withHint(fmt.Errorf("the scan took longer than %s, so nothing is proved", brief(o.timeout)), "give it more time, or split it with --shard")
	}
	if err != nil {
		return err
	}
	if err := a.writeReport(r, o); err != nil {
		return err
	}
	return verdictOf(r)
}

// errUndetermined ends a scan that could not look at everything; the report has
// said why.
var errUndetermined = errors.New("undetermined")

// verdictOf is how a report ends a command.
func verdictOf(r *report.Report) error {
	switch {
	case r.Integrity():
		return errIntegrityFinding
	case len(r.Findings) > 0:
		return errFindings
	case !r.Proved():
		return errUndetermined
	}
	return nil
}
