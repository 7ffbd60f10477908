package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/scan"
	builtin "github.com/git-envelope/git-envelope/internal/scan/rules"
	"github.com/git-envelope/git-envelope/internal/sweep"
)

// explain prints an error as people read it: what failed, then what to type.
func (a *app) explain(err error) {
	if err == nil || isAny(err, errFindings, errUndetermined) {
		return
	}
	var git *gitrepo.GitError
	if errors.As(err, &git) {
		a.repeat(git.Stderr)
	}
	a.errorf("%s", inLines(err))
	for _, h := range hints(err) {
		a.hintf("%s", h)
	}
}

// repeat passes on what the filter of a git that we ran said: the reason why it
// failed is there, and git itself names no more than the filter.
func (a *app) repeat(stderr string) {
	ours := false
	for line := range strings.Lines(stderr) {
		if ours = strings.HasPrefix(line, "git-envelope: ") || ours && strings.HasPrefix(line, "  "); ours {
			fmt.Fprintln(a.err, harmless(strings.TrimRight(line, "\n")))
		}
	}
}

// inLines is an error's text, with what each recipient of a ring answered on a
// line of its own.
func inLines(err error) string {
	text := err.Error()
	for _, ring := range ringErrors(err) {
		lines := ring.Brief()
		for _, f := range ring.Failed {
			lines += "\n" + f.Error()
		}
		text = strings.Replace(text, ring.Error(), lines, 1)
	}
	return text
}

// ringErrors finds every ring that an error is about, also among joined errors.
func ringErrors(err error) []*keys.RingError {
	switch e := err.(type) {
	case *keys.RingError:
		return []*keys.RingError{e}
	case interface{ Unwrap() []error }:
		var all []*keys.RingError
		for _, part := range e.Unwrap() {
			all = append(all, ringErrors(part)...)
		}
		return all
	case interface{ Unwrap() error }:
		return ringErrors(e.Unwrap())
	}
	return nil
}

// hints collects the ways out an error carries: those of the recipients, then
// the one of whoever reported it.
func hints(err error) (out []string) {
	add := func(way string) {
		if way != "" && !slices.Contains(out, way) {
			out = append(out, way)
		}
	}
	var own string
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		own = h.Hint()
	}
	rings := ringErrors(err)
	var one *keys.Error
	if own == "" && len(rings) == 0 && errors.As(err, &one) {
		own = one.Hint
	}
	for _, ring := range rings {
		ways := ring.Hints()
		switch {
		case len(ways) > 0:
		case errors.Is(ring.Cause, keys.ErrNoAccess) && own == "":
			ways = []string{"see 'git envelope doctor' for the identities in use, or ask someone who can open the ring to add you as a recipient"}
		case errors.Is(ring.Cause, keys.ErrTransient):
			ways = []string{"try again in a moment; for a service that is only slow: git config --global envelope.keyTimeout 10s"}
		}
		for _, way := range ways {
			add(way)
		}
	}
	add(own)
	return out
}

func (a *app) errorf(format string, args ...any) {
	say(a.err, "error", "%s", discreet(fmt.Sprintf(format, args...)))
}
func (a *app) warningf(format string, args ...any) {
	say(a.err, "warning", "%s", discreet(fmt.Sprintf(format, args...)))
}
func (a *app) hintf(format string, args ...any) { say(a.err, "hint", format, args...) }

func say(w io.Writer, kind, format string, args ...any) {
	fmt.Fprintf(w, "git-envelope: %s: %s\n", kind, harmless(fmt.Sprintf(format, args...)))
}

// discreet is a message without the secrets in it: errors quote names, and what
// is wrong in a file, and a secret can be in either.
func discreet(text string) string {
	engine, err := scan.New(scan.Options{Rules: builtin.All(), NoMemory: true, Sound: true})
	if err != nil {
		return "(not shown: " + err.Error() + ")"
	}
	return (&sweep.Sweep{Engine: engine}).Shown(context.Background(), text)
}

// harmless makes text from the repository safe to print on a terminal: control
// characters, and bytes that are no text, are shown as escapes. A line feed
// stays, indented, so that a message can have several lines.
func harmless(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString("\n  ")
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// show is harmless for a path: on one line, whatever its name.
func show(path string) string { return harmless(strings.ReplaceAll(path, "\n", `\n`)) }

// about names the file that an error is about.
func about(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", show(path), err)
}

// printJSON prints a machine's answer.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// brief writes a duration as people do: 8h, not 8h0m0s.
func brief(d time.Duration) string {
	unit := time.Second
	if d < unit {
		unit = time.Millisecond
	}
	s := d.Round(unit).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// milliseconds is a duration in the unit in which services answer.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
