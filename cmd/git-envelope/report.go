package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/report"
)

func (a *app) newReport() *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "report FILE…",
		Short: "Merge reports of a scan, or write one in another format",
		Long: `Reads reports that 'git envelope scan --format json' wrote and writes them as one.
Of a scan in shards every part must be there, or it proves nothing. Ends as the
scan would have.` + exitCodesHelp,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { return nil, 0 },
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(report.Formats, o.format) {
				return usage(fmt.Errorf("unknown format %q", o.format), "use one of "+strings.Join(report.Formats, ", "))
			}
			r, err := mergeReports(args)
			if err != nil {
				return err
			}
			if err := a.writeReport(r, o); err != nil {
				return err
			}
			return verdictOf(r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "text", strings.Join(report.Formats, ", "))
	f.StringVarP(&o.output, "output", "o", "", "write the report to `FILE`")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show what is allowed, too")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(report.Formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func mergeReports(names []string) (*report.Report, error) {
	var all []*report.Report
	for _, name := range names {
		r, err := readReport(name)
		if err != nil {
			return nil, usage(fmt.Errorf("report %s: %w", name, err), "give it what 'git envelope scan --format json' wrote")
		}
		all = append(all, r)
	}
	if len(all) == 1 && all[0].Shard == "" {
		return all[0], nil
	}
	r, err := report.Merge(all)
	if err != nil {
		return nil, usage(err, "merge reports of one scan only")
	}
	return r, nil
}

func readReport(name string) (*report.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	return report.Read(f)
}
