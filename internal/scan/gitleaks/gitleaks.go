// Package gitleaks reads the configuration of gitleaks (v8), .gitleaks.toml, so
// that people can move: its rules become rules of package scan, its allowlists
// are kept and asked about findings. It was written from gitleaks' documentation.
//
// It promises that nothing of a configuration is lost in silence: what it does
// not know or can't do as gitleaks would is a warning; a rule that can't be run
// is listed in Config.Skipped. It errs to the side of more findings: our own
// rules run always, whatever useDefault says.
//
// It opens no file: what a configuration extends it asks its caller for. Neither
// errors nor warnings hold a text of the configuration but ids and names of keys,
// since allowlists quote secrets.
package gitleaks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// Bounds of a configuration, in which the files that it extends count too.
const (
	maxFile     = 1 << 20
	maxRules    = 2_000
	maxExpr     = 16 << 10 // bytes of a regular expression
	maxExprs    = 10_000
	maxCost     = 1 << 20 // instructions, roughly, of all regular expressions
	maxKeywords = 8 << 10
	maxExtends  = 2 // how deep files extend each other
	maxWarnings = 100
)

// Options are what Parse needs from its caller.
type Options struct {
	// Ours are the rules that stand in for gitleaks' default ones.
	Ours []scan.Rule
	// Read gets a file that is extended, its path as it is written there. It must
	// answer with files of the repository only. Nil: nothing is extended.
	Read func(path string) ([]byte, error)
	// Around says that the caller will tell Judge what is around a secret, match
	// and line; else an allowlist that asks for them gives a warning.
	Around bool
}

// Config is a configuration made ready. It is safe for concurrent use.
type Config struct {
	UseDefault bool
	// Rules are its own, for the engine.
	Rules []scan.Rule
	// PathRules are those that look at names only: a file at a path to which
	// scan.Rule.Applies is a finding. They have nothing else to search with.
	PathRules []scan.Rule
	// DisabledRules are ids of ours that it turns off or replaces.
	DisabledRules []string
	// Skipped are ids of rules that can't be run; a warning says why.
	Skipped []string

	overrides []override
	lists     []*allowlist
}

// Parse reads a configuration. The name is for messages.
func Parse(name string, text []byte, o Options) (c *Config, warnings []string, err error) {
	p := &parser{o: o, unknown: map[string]bool{}, ours: map[string]bool{}}
	for _, r := range o.Ours {
		p.ours[r.ID] = true
	}
	s, err := p.resolve(name, text, 0)
	if err != nil {
		return nil, nil, err
	}
	c = &Config{UseDefault: s.useDefault || len(s.rules) == 0}
	if err = p.build(c, s); err != nil {
		return nil, nil, err
	}
	if n := len(p.warnings) - maxWarnings; n > 0 {
		p.warnings = append(p.warnings[:maxWarnings], fmt.Sprintf("%s: %d more warnings", name, n))
	}
	return c, p.warnings, nil
}

// Apply returns the rules to run: ours as the configuration changes them, and its own.
func (c *Config) Apply(ours []scan.Rule) []scan.Rule {
	rules := make([]scan.Rule, 0, len(ours)+len(c.Rules))
	for _, r := range ours {
		if slices.Contains(c.DisabledRules, r.ID) {
			continue
		}
		for i := range c.overrides {
			c.overrides[i].apply(&r)
		}
		rules = append(rules, r)
	}
	return append(rules, c.Rules...)
}

// override is a rule of gitleaks' default ones of which a configuration changes a
// part, on those of ours that are the same thing.
type override struct {
	ids     []string
	title   string
	entropy float64
	path    string
}

func (o *override) apply(r *scan.Rule) {
	if !slices.Contains(o.ids, r.ID) {
		return
	}
	if o.title != "" {
		r.Title = o.title
	}
	if o.entropy > 0 {
		r.Entropy = o.entropy
	}
	if o.path != "" {
		r.Path = o.path
	}
}

// parser gathers what a configuration says.
type parser struct {
	o        Options
	ours     map[string]bool
	warnings []string
	unknown  map[string]bool // keys warned about
	exprs    int
	cost     int
	items    int // of expressions, looked at for literals
}

func (p *parser) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

// build makes the configuration of what the files say together.
func (p *parser) build(c *Config, s *settings) error {
	if !c.UseDefault {
		p.warn("%s: without useDefault gitleaks would run its rules only; here they run beside ours", s.name)
	}
	for _, id := range s.disabled {
		switch ids := p.same(id); {
		case len(ids) > 0:
			c.DisabledRules = append(c.DisabledRules, ids...)
		case s.removed[id]: // a rule of a file that it extends
		default:
			p.warn("%s: disabledRules: none of our rules is %q", s.name, id)
		}
	}
	keywords := map[string]bool{}
	for _, r := range s.rules {
		if err := p.add(c, r, s.useDefault); err != nil {
			return fmt.Errorf("%s: rule %q: %w", r.at, r.ID, err)
		}
	}
	for _, r := range c.Rules {
		for _, k := range r.Keywords {
			keywords[k] = true
		}
	}
	if len(keywords) > maxKeywords {
		return fmt.Errorf("%s: its rules need %d keywords: more than %d", s.name, len(keywords), maxKeywords)
	}
	for _, l := range s.lists {
		if err := p.addList(c, l, l.TargetRules); err != nil {
			return err
		}
	}
	return nil
}

// same are those of our rules that are the same thing as one of gitleaks'.
func (p *parser) same(id string) (ids []string) {
	for _, ours := range append([]string{id}, sameAs[id]...) {
		if p.ours[ours] && !slices.Contains(ids, ours) {
			ids = append(ids, ours)
		}
	}
	return ids
}

// add makes a rule of what the configuration says about it.
func (p *parser) add(c *Config, r *tomlRule, useDefault bool) error {
	ours := p.same(r.ID)
	switch {
	case r.SkipReport:
		// It is there for other rules to refer to; nothing it finds counts.
	case r.Regex != "":
		if useDefault {
			c.DisabledRules = append(c.DisabledRules, ours...)
		}
		if err := p.addRule(c, r); err != nil {
			return err
		}
	case r.Path != "" && (len(ours) == 0 || !useDefault):
		if _, err := p.compile(r.Path); err != nil {
			return fmt.Errorf("path: %w", err)
		}
		c.PathRules = append(c.PathRules, scan.Rule{ID: r.ID, Title: title(r), Severity: scan.High, Source: r.at, Path: r.Path})
	case !useDefault:
		return errNothing
	case len(ours) == 0:
		p.warn("%s: none of our rules is %q: what it changes of it is left", r.at, r.ID)
	default:
		if err := p.override(c, r, ours); err != nil {
			return err
		}
	}
	if len(r.Required) > 0 {
		p.warn("%s: rule %q: required is not supported: it counts whether or not the others match", r.at, r.ID)
	}
	for _, l := range r.Allowlists {
		if err := p.addList(c, l, []string{r.ID}); err != nil {
			return err
		}
	}
	return nil
}

// override keeps the changes that a rule of ours can take.
func (p *parser) override(c *Config, r *tomlRule, ours []string) error {
	if r.Path != "" {
		if _, err := p.compile(r.Path); err != nil {
			return fmt.Errorf("path: %w", err)
		}
	}
	if r.SecretGroup != 0 || len(r.Keywords) > 0 {
		p.warn("%s: rule %q: secretGroup and keywords of a rule of ours stay as they are", r.at, r.ID)
	}
	c.overrides = append(c.overrides, override{ids: ours, title: clean(r.Description), entropy: r.Entropy, path: r.Path})
	return nil
}

// title is what a rule says of itself, its id if that is nothing.
func title(r *tomlRule) string {
	if t := clean(r.Description); t != "" {
		return t
	}
	return r.ID
}

// clean makes a line of a text that will be shown.
func clean(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || !isPrint(r) }), " ")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return s
}
