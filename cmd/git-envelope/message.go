package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// explain prints an error as people read it: what failed, then what to type.
func (a *app) explain(err error) {
	if err == nil || errors.Is(err, errFindings) {
		return
	}
	a.errorf("%v", err)
	for _, h := range hints(err) {
		a.hintf("%s", h)
	}
}

// hints collects the ways out an error carries, outermost first.
func hints(err error) []string {
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		return []string{h.Hint()}
	}
	var ring *keys.RingError
	var one *keys.Error
	switch {
	case errors.As(err, &ring):
	case errors.As(err, &one) && one.Hint != "":
		return []string{one.Hint}
	default:
		return nil
	}
	if out := ring.Hints(); len(out) > 0 || !errors.Is(ring.Cause, keys.ErrNoAccess) {
		return out
	}
	return []string{"see 'git envelope doctor' for the identities in use, or ask someone who can open the ring to add you as a recipient"}
}

func (a *app) errorf(format string, args ...any)   { say(a.err, "error", format, args...) }
func (a *app) warningf(format string, args ...any) { say(a.err, "warning", format, args...) }
func (a *app) hintf(format string, args ...any)    { say(a.err, "hint", format, args...) }

func say(w io.Writer, kind, format string, args ...any) {
	fmt.Fprintf(w, "git-envelope: %s: %s\n", kind, harmless(fmt.Sprintf(format, args...)))
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

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
