// Command git-envelope keeps secrets in Git: it seals files on their way into
// the repository and opens them on their way out, blocks commits that carry
// plaintext where the policy wants it sealed, and proves the same in CI.
//
// This package parses arguments, wires providers and git together, prints, and
// chooses the exit code; one file holds one command. It alone names the key
// providers and reads the environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/memlock"
)

// app is the world a command runs in; tests give it another.
type app struct {
	in       io.Reader
	out, err io.Writer
	env      environment
	now      func() time.Time
	exe      func() (string, error)
}

// clock tells the time to commands; tests set it.
var clock = time.Now

func main() { os.Exit(run(os.Args[1:])) }

// run is main without the exit, so that tests can put it on PATH.
func run(args []string) int {
	// Data keys pass through this process: no core dump shall have them, nor, on
	// Linux, a debugger of the same user. Where the system refuses that we go on: it is a
	// second line of defence.
	_ = memlock.Harden()
	in := os.Stdin
	// A program that a library starts for us (credential_process of AWS) inherits
	// this variable: the pipe of Git's protocol is not for it.
	if null, err := os.Open(os.DevNull); err == nil {
		os.Stdin = null
	}
	a := &app{in: in, out: os.Stdout, err: os.Stderr, env: osEnvironment(), now: clock, exe: os.Executable}
	return a.main(context.Background(), args)
}

// main runs one command line and answers with its exit code.
func (a *app) main(ctx context.Context, args []string) int {
	root, started := a.command()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !*started {
		err = usage(err, "run 'git envelope help' for the commands and their flags")
	}
	a.explain(err)
	return exitCode(err)
}

// command builds the whole command tree. started turns true once the arguments
// were accepted, so that errors before it are wrong usage.
func (a *app) command() (root *cobra.Command, started *bool) {
	started = new(bool)
	root = &cobra.Command{
		Use:   "git-envelope",
		Short: "Keep secrets in Git, sealed",
		Long: `git-envelope seals files on 'git add' and opens them on checkout, with data keys
wrapped to the recipients named in .envelope/policy.yaml; it blocks commits that
carry plaintext where the policy wants it sealed.

'git envelope COMMAND' and 'git-envelope COMMAND' are the same.` + exitCodesHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			// cobra looks at these only after us, and they are wrong usage too.
			if err := errors.Join(c.ValidateRequiredFlags(), c.ValidateFlagGroups()); err != nil {
				return err
			}
			*started = true
			// What Git starts ends at once when it is told to. Other commands first
			// let the git they started end, so that it removes its lock files.
			if c.GroupID != "git" {
				ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
				context.AfterFunc(ctx, stop) // a second signal ends us at once
				c.SetContext(ctx)
			}
			return nil
		},
		CompletionOptions: cobra.CompletionOptions{DisableDescriptions: true},
		Args:              cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return errors.Join(c.Help())
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.AddGroup(
		&cobra.Group{ID: "start", Title: "Set up:"},
		&cobra.Group{ID: "work", Title: "Everyday:"},
		&cobra.Group{ID: "keys", Title: "Keys:"},
		&cobra.Group{ID: "check", Title: "Check:"},
		&cobra.Group{ID: "git", Title: "Run by Git:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("start", a.newInit(), a.newInstall(), a.newUninstall(), a.newSync())
	add("work", a.newSeal(), a.newUnseal(), a.newStage(), a.newLock(), a.newUnlock(), a.newCat())
	add("keys", a.newRing(), a.newRecipient(), a.newRewrap(), a.newRotate(), a.newReseal(), a.newAgent())
	add("check", a.newStatus(), a.newAudit(), a.newExplain(), a.newScan(), a.newRules(), a.newReport(), a.newDoctor())
	add("git", a.newFilterProcess(), a.newClean(), a.newSmudge(), a.newTextconv(), a.newMerge(), a.newHook())
	root.AddCommand(a.newVersion())
	completeNoFiles(root)
	return root, started
}

// family is a command that only has others below it.
func family(name, short, long string, members ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Long:  long + exitCodesHelp,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(members...)
	return cmd
}

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }
