package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v4"
)

// document reads the top of the file. Rings come first whatever their place,
// since rules name them.
func (p *parser) document(root *yaml.Node) error {
	var rules, defaultRing *yaml.Node
	keep := func(to **yaml.Node) func(*yaml.Node) error {
		return func(n *yaml.Node) error { *to = n; return nil }
	}
	err := p.fields(root, "the policy",
		field{"version", p.version},
		field{"repository", p.repository},
		field{"rings", p.rings},
		field{"default_ring", keep(&defaultRing)},
		field{"rules", keep(&rules)},
		field{"forbid", p.readForbid},
		field{"scan", p.scan},
	)
	if err != nil {
		return err
	}
	for _, name := range []string{"version", "repository", "rings"} {
		if !has(root, name) {
			return p.fail(root, "the policy has no `%s`", name)
		}
	}
	if defaultRing != nil {
		if p.policy.DefaultRing, err = p.ringName(defaultRing, "default_ring"); err != nil {
			return err
		}
	}
	if rules != nil {
		return p.readRules(rules)
	}
	return nil
}

func (p *parser) version(n *yaml.Node) error {
	v, err := strconv.ParseInt(n.Value, 0, 32)
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil:
		return p.fail(n, "version must be the number 1, not %s", describe(n))
	case v != 1:
		return p.fail(n, "version %d is not known: this git-envelope reads version 1, a newer one may read more", v)
	}
	p.policy.Version = 1
	return nil
}

var uuid = lazily(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func (p *parser) repository(n *yaml.Node) error {
	id, err := p.text(n, "repository")
	if err != nil {
		return err
	}
	if !uuid().MatchString(id) {
		return p.fail(n, "repository must be a lower-case UUID such as 0d6b3c1e-5f0a-4d6c-9a51-2f7d8e4b1c90, made once by `git envelope init`")
	}
	p.policy.Repository = id
	return nil
}

func (p *parser) rings(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode && n.Tag != "!!null" {
		return p.fail(n, "rings must be a mapping of names, not %s", describe(n))
	}
	if len(n.Content) == 0 {
		return p.fail(n, "the policy has no rings: name at least one audience")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if !ValidRingName(name.Value) {
			return p.fail(name, "%s cannot name a ring: use at most 63 of a-z, 0-9, - and _, a letter or digit first", show(name.Value))
		}
		if err := p.ring(name, n.Content[i+1]); err != nil {
			return err
		}
	}
	return p.checkFormer()
}

func (p *parser) ring(name, n *yaml.Node) error {
	r := Ring{Name: name.Value}
	what := fmt.Sprintf("ring %q", r.Name)
	err := p.fields(n, what,
		field{"recipients", func(n *yaml.Node) error { return p.recipients(n, &r) }},
		field{"rotate_every", func(n *yaml.Node) (err error) { r.RotateEvery, err = p.duration(n); return err }},
		field{"require", func(n *yaml.Node) error { return p.require(n, &r) }},
		field{"formerly", func(n *yaml.Node) error { return p.formerly(n, &r) }},
	)
	if err != nil {
		return err
	}
	if len(r.Recipients) == 0 {
		return p.fail(name, "%s has no recipients: nobody could open its files", what)
	}
	p.policy.Rings = append(p.policy.Rings, r)
	return nil
}

var days = lazily(`^[1-9][0-9]{0,4}d$`)

// duration reads whole days or a Go duration.
func (p *parser) duration(n *yaml.Node) (time.Duration, error) {
	s, err := p.text(n, "rotate_every")
	if err != nil {
		return 0, err
	}
	if days().MatchString(s) {
		d, _ := strconv.Atoi(strings.TrimSuffix(s, "d"))
		return time.Duration(d) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || !('0' <= s[0] && s[0] <= '9') {
		return 0, p.fail(n, "rotate_every must be days (90d) or a duration above zero (12h), not %s", show(s))
	}
	return d, nil
}

func (p *parser) require(n *yaml.Node, r *Ring) error {
	items, err := p.list(n, "require")
	if err != nil {
		return err
	}
	for _, item := range items {
		kind, err := p.text(item, "a kind in require")
		if err != nil {
			return err
		}
		if !slices.Contains(kindNames(), kind) {
			return p.unknown(item, "kind", "require", kinds)
		}
		if slices.Contains(r.Require, kind) {
			return p.fail(item, "duplicate kind %q in require", kind)
		}
		r.Require = append(r.Require, kind)
	}
	return nil
}

// formerly reads the names a ring had. A name belongs to one ring only: else a
// file sealed under it had two audiences.
func (p *parser) formerly(n *yaml.Node, r *Ring) error {
	items, err := p.list(n, "formerly")
	if err != nil {
		return err
	}
	if len(items) > maxFormerly {
		return p.fail(n, "more than %d former names", maxFormerly)
	}
	for _, item := range items {
		name, err := p.text(item, "a former name")
		if err != nil {
			return err
		}
		if !ValidRingName(name) {
			return p.fail(item, "%s cannot have been the name of a ring", show(name))
		}
		if slices.Contains(r.Formerly, name) {
			return p.fail(item, "duplicate name %q in formerly", name)
		}
		r.Formerly = append(r.Formerly, name)
		p.former = append(p.former, formerName{item, r.Name, name})
	}
	return nil
}

// formerName is checked when all rings are known.
type formerName struct {
	at         *yaml.Node
	ring, name string
}

func (p *parser) checkFormer() error {
	owner := map[string]string{}
	for _, r := range p.policy.Rings {
		owner[r.Name] = r.Name
	}
	for _, f := range p.former {
		if other, taken := owner[f.name]; taken {
			return p.fail(f.at, "%q is a name of ring %q: each belongs to one ring", f.name, other)
		}
		owner[f.name] = f.ring
	}
	return nil
}

func (p *parser) recipients(n *yaml.Node, r *Ring) error {
	items, err := p.list(n, fmt.Sprintf("recipients of ring %q", r.Name))
	if err != nil {
		return err
	}
	seen := map[[2]string]int{}
	for _, item := range items {
		rec, err := p.recipient(item)
		if err != nil {
			return err
		}
		key := [2]string{rec.Kind, rec.URI}
		if line, dup := seen[key]; dup {
			return p.fail(item, "duplicate recipient of ring %q, first on line %d", r.Name, line)
		}
		seen[key] = item.Line
		r.Recipients = append(r.Recipients, rec)
	}
	return nil
}

// A shape is what a value must look like. Only the general form is checked, the
// provider checks the rest; a value is never repeated in a message, since people
// paste secret keys where public ones belong.
type shape struct {
	match func() *regexp.Regexp
	like  string
}

// lazily compiles a pattern when it is first used: Git starts this program for
// every command, and a policy uses few of them.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

var shapes = map[string]shape{
	KindAWSKMS:   {lazily(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+$`), "a key or alias ARN, arn:aws:kms:REGION:ACCOUNT:alias/NAME"},
	KindAzureKey: {lazily(`^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/keys/[A-Za-z0-9-]+(/[0-9a-f]{32})?$`), "a key URL, https://VAULT.vault.azure.net/keys/NAME or …/NAME/VERSION"},
	KindAge:      {lazily(`^(age1[a-z0-9+._-]+|ssh-(ed25519|rsa) [A-Za-z0-9+/]+=*( [ -~]*)?)$`), "a public recipient, age1… or ssh-ed25519 …"},
	"role":       {lazily(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9/+=,.@_-]+$`), "a role ARN, arn:aws:iam::ACCOUNT:role/NAME"},
	"region":     {lazily(`^[a-z]{2}[a-z0-9-]{3,30}(,[a-z]{2}[a-z0-9-]{3,30}){0,7}$`), "region names such as eu-west-1 or eu-west-1,us-east-1 (8 at most)"},
}

// options are what each kind takes beside its URI.
var options = map[string][]string{KindAWSKMS: {"role", "region"}}

// kinds are the fields of a recipient that name a key.
var kinds = []field{{name: KindAWSKMS}, {name: KindAzureKey}, {name: KindAge}}

func kindNames() []string { return []string{KindAWSKMS, KindAzureKey, KindAge} }

func (p *parser) recipient(n *yaml.Node) (Recipient, error) {
	var r Recipient
	if n.Kind == yaml.ScalarNode {
		return r, p.fail(n, "a recipient is written `KIND: KEY`, for example `age: age1…`")
	}
	kind := func(name string) field {
		return field{name, func(v *yaml.Node) error {
			if r.Kind != "" {
				return p.fail(v, "one recipient names two keys (%s and %s): make them two list entries", r.Kind, name)
			}
			r.Kind = name
			return p.shaped(v, name, &r.URI)
		}}
	}
	option := func(name string) field {
		return field{name, func(v *yaml.Node) error {
			var s string
			if err := p.shaped(v, name, &s); err != nil {
				return err
			}
			if r.Options == nil {
				r.Options = map[string]string{}
			}
			r.Options[name] = s
			return nil
		}}
	}
	err := p.fields(n, "a recipient", kind(KindAWSKMS), kind(KindAzureKey), kind(KindAge), option("role"), option("region"))
	if err != nil {
		return r, err
	}
	if r.Kind == "" {
		return r, p.fail(n, "a recipient needs one of %s", strings.Join(kindNames(), ", "))
	}
	for i := 0; i < len(n.Content); i += 2 {
		if key := n.Content[i]; key.Value != r.Kind && !slices.Contains(options[r.Kind], key.Value) {
			return r, p.fail(key, "`%s` does not go with %s", key.Value, r.Kind)
		}
	}
	return r, nil
}

// shaped reads a string of a known form.
func (p *parser) shaped(n *yaml.Node, name string, to *string) error {
	s, err := p.text(n, name)
	if err != nil {
		return err
	}
	if strings.HasPrefix(strings.ToUpper(s), "AGE-SECRET-KEY-") || strings.HasPrefix(s, "-----BEGIN") || strings.HasPrefix(strings.ToUpper(s), "AGE-PLUGIN-") {
		return p.fail(n, "this is a secret key, and it is now in a file meant to be committed: treat it as leaked; %s takes %s", name, shapes[name].like)
	}
	if len(s) > 8<<10 || !shapes[name].match().MatchString(s) {
		return p.fail(n, "%s must be %s", name, shapes[name].like)
	}
	*to = s
	return nil
}

// ringName reads the name of a ring that must exist.
func (p *parser) ringName(n *yaml.Node, what string) (string, error) {
	if n.Kind == yaml.SequenceNode {
		return "", p.fail(n, "two rings sealing one path in one rule: a sealed file belongs to one ring, so `%s` takes one name; a file for two audiences needs a ring that both are recipients of", what)
	}
	name, err := p.text(n, what)
	if err != nil {
		return "", err
	}
	if _, ok := p.policy.Ring(name); ok {
		return name, nil
	}
	names := make([]string, len(p.policy.Rings))
	for i, r := range p.policy.Rings {
		names[i] = r.Name
	}
	message := "unknown ring " + show(name)
	if hint := didYouMean(name, names); hint != "" {
		message += ": " + hint
	}
	return "", p.fail(n, "%s", message)
}

func (p *parser) readRules(n *yaml.Node) error {
	items, err := p.list(n, "rules")
	if err != nil {
		return err
	}
	p.first = map[string]used{}
	for _, item := range items {
		if err := p.rule(item); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) rule(n *yaml.Node) error {
	var r Rule
	var paths *yaml.Node
	err := p.fields(n, "a rule",
		field{"paths", func(n *yaml.Node) error { paths = n; return nil }},
		field{"ring", func(n *yaml.Node) (err error) { r.Ring, err = p.ringName(n, "ring"); return err }},
	)
	switch {
	case err != nil:
		return err
	case paths == nil:
		return p.fail(n, "the rule has no `paths`")
	case r.Ring == "":
		return p.fail(n, "the rule has no `ring`")
	}
	patterns, err := p.patternList(paths, "paths")
	if err != nil {
		return err
	}
	for _, pat := range patterns {
		if err := p.reachable(pat, r.Ring); err != nil {
			return err
		}
		r.Paths = append(r.Paths, pat.source)
	}
	p.policy.Rules = append(p.policy.Rules, r)
	p.rules = append(p.rules, patterns)
	return nil
}

// reachable refuses a pattern that an earlier rule lists too: the first rule
// that matches decides, so the second one would never be asked.
func (p *parser) reachable(pat pattern, ring string) error {
	if pat.exclude {
		return nil
	}
	key := pat.canonical()
	before, dup := p.first[key]
	switch {
	case !dup:
		p.first[key] = used{pat.line, ring}
		return nil
	case before.ring == ring:
		return p.errorAt(pat, "duplicate pattern %s, first on line %d", show(pat.source), before.line)
	default:
		return p.errorAt(pat, "pattern %s is already sealed for ring %q by line %d: the first rule that matches decides, so this one can never seal it for %q",
			show(pat.source), before.ring, before.line, ring)
	}
}

func (p *parser) readForbid(n *yaml.Node) error {
	patterns, err := p.patternList(n, "forbid")
	if err != nil {
		return err
	}
	p.forbid = patterns
	for _, pat := range patterns {
		p.policy.Forbid = append(p.policy.Forbid, pat.source)
	}
	return nil
}

// patternList reads and compiles a list of globs, of which one at least must be
// positive.
func (p *parser) patternList(n *yaml.Node, what string) ([]pattern, error) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return nil, p.fail(n, "%s must be a list: write [%s]", what, show(n.Value))
	}
	items, err := p.list(n, what)
	if err != nil {
		return nil, err
	}
	if p.patterns += len(items); p.patterns > MaxPatterns {
		return nil, p.fail(n, "more than %d patterns", MaxPatterns)
	}
	out := make([]pattern, 0, len(items))
	seen := make(map[string]pattern, len(items))
	positive := false
	for _, item := range items {
		pat, err := p.pattern(item)
		if err != nil {
			return nil, err
		}
		key := pat.canonical()
		if before, dup := seen[key]; dup && before.exclude != pat.exclude {
			return nil, p.errorAt(pat, "%s contradicts %s on line %d", show(pat.source), show(before.source), before.line)
		} else if dup {
			return nil, p.errorAt(pat, "duplicate pattern %s, first on line %d", show(pat.source), before.line)
		}
		seen[key] = pat
		positive = positive || !pat.exclude
		out = append(out, pat)
	}
	if !positive {
		return nil, p.fail(n, "%s only excludes: at least one pattern without ! is needed", what)
	}
	return out, nil
}

func (p *parser) pattern(n *yaml.Node) (pattern, error) {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 || n.Kind == yaml.SequenceNode {
		return pattern{}, p.fail(n, "a pattern must be a string, not %s: one that begins with { or [ must be quoted", describe(n))
	}
	source, err := p.text(n, "a pattern")
	if err != nil {
		return pattern{}, err
	}
	pat, err := compile(source, &p.budget)
	if err != nil {
		return pattern{}, p.fail(n, "impossible pattern %s: %v", show(source), err)
	}
	pat.line, pat.column = n.Line, n.Column
	return pat, nil
}

func (p *parser) errorAt(pat pattern, format string, args ...any) error {
	return &Error{p.file, pat.line, pat.column, fmt.Sprintf(format, args...)}
}
