package policy

import (
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Scan is how the repository wants its content scanned. Nothing in it can excuse
// a finding: that is for .envelope/allow, where each line has a reason.
type Scan struct {
	Disable []string   // ids of built-in rules that are not to be tried
	Rules   []ScanRule // the repository's own
	// Gitleaks tells whether .gitleaks.toml and .gitleaksignore are read, if there
	// are any.
	Gitleaks bool
}

// ScanRule is a content rule of the repository's own. The fields are those of a
// built-in rule.
type ScanRule struct {
	ID, Title      string
	Severity       string   // low, medium, high or critical
	Keywords       []string // lower case; one of them must be near
	Pattern, Value string   // RE2; exactly one is set
	Path, NotPath  string   // RE2, "" for none
	Entropy        float64  // bits a byte, 0 for none
}

const (
	maxScanRules    = 1_000
	maxScanPattern  = 4 << 10
	maxScanKeywords = 100
)

var severities = []field{{name: "low"}, {name: "medium"}, {name: "high"}, {name: "critical"}}

// scan reads the settings of the content scanner.
func (p *parser) scan(n *yaml.Node) error {
	s := &Scan{Gitleaks: true}
	p.policy.Scan = s
	return p.fields(n, "scan",
		field{"disable", func(n *yaml.Node) error { return p.disable(n, s) }},
		field{"rules", func(n *yaml.Node) error { return p.scanRules(n, s) }},
		field{"gitleaks", func(n *yaml.Node) error { return p.boolean(n, "gitleaks", &s.Gitleaks) }},
	)
}

func (p *parser) disable(n *yaml.Node, s *Scan) error {
	items, err := p.list(n, "disable")
	if err != nil {
		return err
	}
	for _, item := range items {
		id, err := p.ruleID(item, "a rule in disable")
		if err != nil {
			return err
		}
		if slices.Contains(s.Disable, id) {
			return p.fail(item, "duplicate rule %q in disable", id)
		}
		s.Disable = append(s.Disable, id)
	}
	return nil
}

func (p *parser) scanRules(n *yaml.Node, s *Scan) error {
	items, err := p.list(n, "rules of scan")
	if err != nil {
		return err
	}
	if len(items) > maxScanRules {
		return p.fail(n, "more than %d rules", maxScanRules)
	}
	for _, item := range items {
		r, err := p.scanRule(item)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(s.Rules, func(o ScanRule) bool { return o.ID == r.ID }) {
			return p.fail(item, "duplicate rule id %q", r.ID)
		}
		s.Rules = append(s.Rules, r)
	}
	return nil
}

func (p *parser) scanRule(n *yaml.Node) (ScanRule, error) {
	r := ScanRule{Severity: "high"}
	err := p.fields(n, "a rule of scan",
		field{"id", func(n *yaml.Node) (err error) { r.ID, err = p.ruleID(n, "id"); return err }},
		field{"title", func(n *yaml.Node) (err error) { r.Title, err = p.text(n, "title"); return err }},
		field{"severity", func(n *yaml.Node) (err error) { r.Severity, err = p.severity(n); return err }},
		field{"keywords", func(n *yaml.Node) (err error) { r.Keywords, err = p.keywords(n); return err }},
		field{"pattern", func(n *yaml.Node) (err error) { r.Pattern, err = p.expression(n, "pattern"); return err }},
		field{"value", func(n *yaml.Node) (err error) { r.Value, err = p.expression(n, "value"); return err }},
		field{"path", func(n *yaml.Node) (err error) { r.Path, err = p.expression(n, "path"); return err }},
		field{"not_path", func(n *yaml.Node) (err error) { r.NotPath, err = p.expression(n, "not_path"); return err }},
		field{"entropy", func(n *yaml.Node) (err error) { r.Entropy, err = p.number(n, "entropy", 0, 8); return err }},
	)
	switch {
	case err != nil:
	case r.ID == "":
		err = p.fail(n, "a rule of scan has no `id`")
	case (r.Pattern == "") == (r.Value == ""):
		err = p.fail(n, "rule %q needs either `pattern` or `value`", r.ID)
	case len(r.Keywords) == 0:
		err = p.fail(n, "rule %q has no `keywords`: words of which one must be near, so that the scan is quick", r.ID)
	case r.Title == "":
		r.Title = r.ID
	}
	return r, err
}

var ruleID = lazily(`^[a-z0-9][a-z0-9-]{1,62}$`)

func (p *parser) ruleID(n *yaml.Node, what string) (string, error) {
	id, err := p.text(n, what)
	if err == nil && !ruleID().MatchString(id) {
		err = p.fail(n, "%s cannot be the id of a rule: use 2 to 63 of a-z, 0-9 and -, a letter or digit first", show(id))
	}
	return id, err
}

func (p *parser) severity(n *yaml.Node) (string, error) {
	s, err := p.text(n, "severity")
	if err == nil && !slices.ContainsFunc(severities, func(f field) bool { return f.name == s }) {
		err = p.unknown(n, "severity", "a rule of scan", severities)
	}
	return s, err
}

func (p *parser) keywords(n *yaml.Node) ([]string, error) {
	items, err := p.list(n, "keywords")
	if err != nil {
		return nil, err
	}
	if len(items) > maxScanKeywords {
		return nil, p.fail(n, "more than %d keywords", maxScanKeywords)
	}
	var out []string
	for _, item := range items {
		k, err := p.text(item, "a keyword")
		if err != nil {
			return nil, err
		}
		if len(k) < 3 || strings.ContainsFunc(k, func(c rune) bool { return c < ' ' || c > '~' }) {
			return nil, p.fail(item, "keyword %s must be three or more ASCII characters", show(k))
		}
		out = append(out, strings.ToLower(k))
	}
	return out, nil
}

func (p *parser) expression(n *yaml.Node, what string) (string, error) {
	s, err := p.text(n, what)
	switch {
	case err != nil:
		return "", err
	case len(s) > maxScanPattern:
		return "", p.fail(n, "%s is longer than %d bytes", what, maxScanPattern)
	}
	tree, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return "", p.fail(n, "%s is an impossible pattern: %v", what, err)
	}
	if what == "pattern" || what == "value" {
		if regexp.MustCompile(s).MatchString("") {
			return "", p.fail(n, "%s is an impossible pattern: it matches the empty text", what)
		}
		if tree.MaxCap() > 1 {
			return "", p.fail(n, "%s is an impossible pattern: it has %d groups; the secret is the only one, make the others (?:…)", what, tree.MaxCap())
		}
	}
	return s, nil
}

func (p *parser) boolean(n *yaml.Node, what string, to *bool) error {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		return p.fail(n, "%s must be true or false, not %s", what, describe(n))
	}
	return n.Decode(to)
}

func (p *parser) number(n *yaml.Node, what string, lo, hi float64) (float64, error) {
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!float" || err != nil || math.IsNaN(v) || v < lo || v > hi {
		return 0, p.fail(n, "%s must be a number from %g to %g", what, lo, hi)
	}
	return v, nil
}
