// Package scan finds secrets in bytes, by rules and by known values. It runs no
// git, knows no path and asks no service: what it is given it judges alone.
package scan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
)

// Options make an engine.
type Options struct {
	Rules []Rule
	Exact Exact // known values to look for; nil: none
}

// Exact finds known values (see package exact). It must be safe for concurrent use.
type Exact interface {
	// Find calls found for each value in text, plain or in one of the encodings it
	// knows. source tells where the value is kept, how in which form it was found,
	// "" for plain.
	Find(text []byte, found func(start, end int, source, how string))
}

// Engine is a set of rules made ready. It is safe for concurrent use; what its
// scanners have seen to be clean they share.
type Engine struct {
	rules  []rule
	digest [sha256.Size]byte
}

type rule struct {
	*Rule
	re *regexp.Regexp
}

// New makes an engine. It fails on a rule that is none, and on no rules at all.
func New(o Options) (*Engine, error) {
	e := &Engine{}
	h := sha256.New()
	for i := range o.Rules {
		r := &o.Rules[i]
		text := r.Pattern
		if r.Value != "" {
			text = `[\w.-]*[ \t]*(?:=|:)[ \t]*["']?(` + r.Value + `)["']?(?:\s|$)`
		}
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.ID, err)
		}
		fmt.Fprintf(h, "%q %q %q\n", r.ID, r.Pattern, r.Value)
		e.rules = append(e.rules, rule{r, re})
	}
	h.Sum(e.digest[:0])
	return e, nil
}

// Digest names the rules and the engine's version: results are comparable, and
// may be kept, under the same digest only.
func (e *Engine) Digest() string { return hex.EncodeToString(e.digest[:]) }

// Scanner scans one content at a time; each goroutine needs its own.
type Scanner struct{ e *Engine }

// Scanner makes a scanner that shares with the engine's others what was seen.
func (e *Engine) Scanner() *Scanner { return &Scanner{e: e} }

// Outcome is what a scan of one content looked at.
type Outcome struct {
	Bytes   int64  // read, before any decompression
	Skipped []Skip // what could not be looked into
}

// Skip is a part of a content that was not looked into.
type Skip struct {
	Where string // "zip:inner.zip"
	Why   string // "encrypted", "larger than 64 MiB when unpacked", …
}

// Scan reads a content to its end and calls found for each secret, in order of
// offset as far as possible. The Match and its Secret are valid during the call
// only. The error is the reader's or the context's; then nothing is proved.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, found func(*Match)) (Outcome, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return Outcome{}, err
	}
	low := bytes.ToLower(text)
	for _, r := range s.e.rules {
		s.try(r, text, low, found)
	}
	return Outcome{Bytes: int64(len(text))}, ctx.Err()
}

// try is a plain and slow way to do it.
func (s *Scanner) try(r rule, text, low []byte, found func(*Match)) {
	seen := map[int]bool{}
	for _, k := range r.Keywords {
		for from := 0; ; {
			i := bytes.Index(low[from:], []byte(k))
			if i < 0 {
				break
			}
			at := from + i
			from = at + 1
			for _, span := range r.spans(text, at) {
				if !seen[span.Start] && r.sound(text, &span) {
					seen[span.Start] = true
					found(&Match{Rule: r.Rule, Offset: int64(span.Start), Secret: text[span.Start:span.End], Validity: span.Validity, Note: span.Note})
				}
			}
		}
	}
}

func (r rule) spans(text []byte, at int) (out []Span) {
	if r.Detect != nil {
		return r.Detect(text, at)
	}
	reach := max(r.Reach, 512)
	start := max(at-256, bytes.LastIndexByte(text[:at], '\n')+1)
	window := text[start:min(len(text), at+reach)]
	for _, m := range r.re.FindAllSubmatchIndex(window, -1) {
		g := 0
		if len(m) > 2 {
			g = 2
		}
		out = append(out, Span{Start: start + m[g], End: start + m[g+1]})
	}
	return out
}

func (r rule) sound(text []byte, s *Span) bool {
	if !r.Inside && (s.Start > 0 && word(text[s.Start-1]) || s.End < len(text) && word(text[s.End])) {
		return false
	}
	if r.Check != nil {
		s.Validity, s.Note = r.Check(text[s.Start:s.End])
	}
	return s.Validity != Invalid
}

func word(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
