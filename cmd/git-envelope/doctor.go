package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
)

type doctorOptions struct{ json, keys bool }

func (a *app) newDoctor() *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong with this clone and how to mend it",
		Long: `Checks Git's version, the drivers and the hook, your settings, identities and
key agent, the policy and its attributes, every ring, and what Git itself may
keep in clear. Changes nothing. Exits 1 if something needs mending.

With --keys every recipient of every ring is asked to open the ring's current
key, and it is told which would open it from here, as whom, and how long that
took.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.keys, "keys", false, "try every recipient of every ring")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON for machines")
	return cmd
}

// diagnosis is the outcome of one check.
type diagnosis struct {
	Check string `json:"check"`
	// Level is "ok", "note" (works, but worth knowing) or "problem".
	Level   string `json:"level"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Key is there for what --keys found.
	Key *keyCheck `json:"key,omitempty"`
}

func ok(check, format string, args ...any) diagnosis {
	return diagnosis{Check: check, Level: "ok", Message: fmt.Sprintf(format, args...)}
}

func note(check, hint, format string, args ...any) diagnosis {
	return diagnosis{Check: check, Level: "note", Message: fmt.Sprintf(format, args...), Hint: hint}
}

func bad(check, hint, format string, args ...any) diagnosis {
	return diagnosis{Check: check, Level: "problem", Message: fmt.Sprintf(format, args...), Hint: hint}
}

// doctorChecks run in this order; each looks at one thing.
var doctorChecks = []func(context.Context, *clone) ([]diagnosis, error){
	checkGit, checkDrivers, checkHooks, checkClear, checkSettings, checkIdentities, checkAgent, checkPolicy,
}

func (a *app) doctor(ctx context.Context, o doctorOptions) error {
	c, err := a.openTree(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	checks := doctorChecks
	if o.keys {
		checks = append(slices.Clone(checks), checkKeys)
	}
	all := []diagnosis{}
	for _, check := range checks {
		found, err := check(ctx, c)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	if err := a.printDiagnoses(all, o.json); err != nil {
		return err
	}
	for _, d := range all {
		if d.Level == "problem" {
			return errFindings
		}
	}
	return nil
}

func (a *app) printDiagnoses(all []diagnosis, asJSON bool) error {
	if asJSON {
		return a.printJSON(struct {
			Version int         `json:"version"`
			Checks  []diagnosis `json:"checks"`
		}{1, all})
	}
	for _, d := range all {
		a.printf("%-8s %s: %s\n", d.Level, d.Check, harmless(d.Message))
		if d.Hint != "" {
			a.printf("         hint: %s\n", harmless(d.Hint))
		}
	}
	return nil
}

// oldestGit is the oldest version the tests run with.
const oldestGitMajor, oldestGitMinor = 2, 39

func checkGit(ctx context.Context, c *clone) ([]diagnosis, error) {
	v, err := c.repo.Version(ctx)
	if err != nil {
		return nil, err
	}
	if !v.AtLeast(oldestGitMajor, oldestGitMinor) {
		return []diagnosis{note("git", "install a newer Git", "version %s is older than %d.%d, the oldest one tested", v, oldestGitMajor, oldestGitMinor)}, nil
	}
	return []diagnosis{ok("git", "version %s", v)}, nil
}

func checkDrivers(ctx context.Context, c *clone) ([]diagnosis, error) {
	const mend = "run 'git envelope install'"
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	program, err := c.program()
	if err != nil {
		return []diagnosis{bad("drivers", firstHint(err), "%v", err)}, nil
	}
	var out []diagnosis
	for _, s := range drivers(program) {
		have, found := config.Get(s.key)
		switch {
		case s.soft || have == s.value:
		case !found:
			out = append(out, bad("drivers", mend, "%s is not set", s.key))
		case strings.HasPrefix(s.key, "filter.envelope.required"), s.key == "diff.envelope.cachetextconv":
			out = append(out, bad("drivers", mend, "%s is %q, not %q", s.key, have, s.value))
		default:
			out = append(out, note("drivers", mend, "%s starts another program or version: %s", s.key, have))
		}
	}
	if len(out) == 0 {
		out = append(out, ok("drivers", "filter, diff and merge start %s", program))
	}
	return out, nil
}

func checkHooks(ctx context.Context, c *clone) ([]diagnosis, error) {
	program, err := c.program()
	if err != nil {
		return nil, nil // told by checkDrivers
	}
	list, err := hooks.List(ctx, c.repo, program)
	if err != nil {
		return nil, err
	}
	var out []diagnosis
	for _, h := range list {
		switch h.State {
		case hooks.Current, hooks.Called:
			out = append(out, ok("hooks", "%s runs git-envelope", h.Name))
		case hooks.Outdated:
			out = append(out, bad("hooks", "run 'git envelope install'", "%s is of another version or program", h.Name))
		default:
			hint := "run 'git envelope install'"
			if !h.Ours {
				hint = "add this line to " + h.Path + ": " + h.Line()
			}
			out = append(out, bad("hooks", hint, "%s does not run git-envelope", h.Name))
		}
	}
	return out, nil
}

// checkClear tells what Git itself keeps or shows in clear.
func checkClear(ctx context.Context, c *clone) ([]diagnosis, error) {
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	var out []diagnosis
	cached, _ := filepath.Glob(filepath.Join(c.repo.CommonDir, "rr-cache", "*"))
	switch on, _ := config.Bool("rerere.enabled", false); {
	case on:
		out = append(out, note("clear text", "git config rerere.enabled false", "rerere keeps conflicts of sealed files in clear in .git/rr-cache"))
	case len(cached) > 0:
		out = append(out, note("clear text", "remove .git/rr-cache if conflicts of sealed files are in it", "there are conflicts that rerere kept in clear"))
	}
	if on, _ := config.Bool("commit.verbose", false); on {
		out = append(out, note("clear text", "git config commit.verbose false", "commit.verbose leaves the plaintext diff in .git/COMMIT_EDITMSG"))
	}
	if v := c.env.tracePacket; v != "" && v != "0" {
		out = append(out, note("clear text", "unset GIT_TRACE_PACKET", "GIT_TRACE_PACKET makes Git print the plaintext of sealed files"))
	}
	return append(out, note("clear text", "", "'git archive', 'git commit -v' and editors' swap files hold plaintext while the clone is unlocked")), nil
}

func checkIdentities(ctx context.Context, c *clone) ([]diagnosis, error) {
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	var out []diagnosis
	for _, f := range c.identityFiles(config) {
		info, err := os.Stat(f.Path)
		switch {
		case !filepath.IsAbs(f.Path):
			out = append(out, bad("identity", "correct "+f.Origin, "%s must be absolute, or begin with ~/", f.Path))
		case err != nil && f.Optional:
		case err != nil:
			out = append(out, bad("identity", "correct "+f.Origin, "%v", err))
		case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
			out = append(out, bad("identity", "chmod 600 "+f.Path, "%s can be read by others", f.Path))
		default:
			out = append(out, ok("identity", "%s (%s)%s", f.Path, f.Origin, recipientsIn(f.Path)))
		}
	}
	if len(out) == 0 {
		out = append(out, note("identity", "set GIT_ENVELOPE_IDENTITY or 'git config --global envelope.identity FILE'; 'age-keygen -o FILE' makes one", "no age identity file was found"))
	}
	return out, nil
}

// ringShut says why a ring does not open, and what to type.
func ringShut(r ringStatus) diagnosis {
	check := "ring " + r.Name
	if errors.Is(r.err, keys.ErrTampered) {
		return bad(check, firstHint(r.err), "%s", inLines(r.err))
	}
	hint := "ask someone who can open it to add you as a recipient"
	var ring *keys.RingError
	if errors.As(r.err, &ring) && len(ring.Hints()) > 0 {
		hint = strings.Join(ring.Hints(), "\nor: ")
	}
	return note(check, hint, "%s", inLines(r.err))
}

// recipientsIn names the public halves of an identity file, for those who want to
// be added somewhere.
func recipientsIn(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	own, err := agekey.RecipientOf(text)
	if err != nil || len(own) == 0 {
		return ""
	}
	return ": " + strings.Join(own, ", ")
}

func checkPolicy(ctx context.Context, c *clone) ([]diagnosis, error) {
	p, err := c.policies.CheckIn(ctx)
	if err != nil {
		return []diagnosis{bad("policy", "mend the file", "%v", err)}, nil
	}
	if p == nil {
		return []diagnosis{bad("policy", "run 'git envelope init'", "there is no %s", policyPath)}, nil
	}
	report, err := c.statusReport(ctx, p)
	if err != nil {
		return nil, err
	}
	out := []diagnosis{ok("policy", "%s, %s, %s covered", plural(len(p.Rings), "ring"), plural(len(p.Rules), "rule"), plural(len(report.Files), "tracked file"))}
	for _, r := range report.Rings {
		switch r.Access {
		case "open":
			out = append(out, ok("ring "+r.Name, "opens"))
		case "locked":
			out = append(out, note("ring "+r.Name, "git envelope unlock --ring "+r.Name, "locked in this clone"))
		default:
			out = append(out, ringShut(r))
		}
	}
	for _, p := range report.Problems {
		where := "policy"
		if p.Path != "" {
			where = show(p.Path)
		}
		out = append(out, bad(where, p.Hint, "%s", p.Message))
	}
	return out, nil
}
