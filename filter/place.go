package filter

import (
	"context"

	"github.com/git-envelope/git-envelope/policy"
)

// Attributes are Git's answers for one path, in the words of git-check-attr(1):
// "set", "unset", "unspecified" or a value. "" counts as unspecified.
type Attributes struct {
	Ring             string // envelope-ring
	Text, EOL, Ident string
	CRLF             string // what text was called before Git 1.7.2; still obeyed
	Encoding         string // working-tree-encoding
}

// place is where content is to be stored.
type place struct {
	name string
	ring string // the ring the path is sealed for
	err  error  // why it has none

	policy *policy.Policy
}

// takes tells whether what is sealed for a ring may be at the place: its own, by
// whatever name that had at the time.
func (to place) takes(ring string) bool { return to.err == nil && to.policy.Today(ring) == to.ring }

// place finds out about a path on check-in. An error here is final: Git would
// damage, or may damage, whatever the filter answers.
func (f *Filter) place(ctx context.Context, name string) (place, error) {
	attrs, err := f.Attributes(ctx, name)
	if err != nil {
		return place{}, refuse(err, "", "the attributes cannot be read")
	}
	if err := attrs.Damage(); err != nil {
		return place{}, err
	}
	to := place{name: name}
	if to.policy, to.err = f.policy(ctx); to.err == nil {
		to.ring, to.err = Choose(to.policy, name, attrs.Ring)
	}
	return to, nil
}

// policy is the one in force on check-in.
func (f *Filter) policy(ctx context.Context) (*policy.Policy, error) {
	p, err := f.Policies.CheckIn(ctx)
	if err != nil {
		return nil, refuse(err, "mend .envelope/policy.yaml", "the policy cannot be read")
	}
	if p == nil {
		return nil, refuse(nil, "run 'git envelope init', or restore .envelope/policy.yaml", "there is no .envelope/policy.yaml")
	}
	return p, nil
}

// Choose decides the ring of a path: a rule of the policy, else the attribute
// envelope-ring, else the policy's fallback. With none of them it refuses.
func Choose(p *policy.Policy, name, attribute string) (string, error) {
	if ring, ok := p.RingOf(name); ok {
		return ring, nil
	}
	if Named(attribute) {
		ring := p.Today(attribute)
		if ring == "" {
			return "", refuse(nil, "correct the attribute, or add the ring to .envelope/policy.yaml",
				"attribute envelope-ring=%s names a ring the policy does not have", attribute)
		}
		return ring, nil
	}
	if ring, ok := p.Fallback(); ok {
		return ring, nil
	}
	return "", refuse(nil, "add a rule or 'default_ring:' to .envelope/policy.yaml, or the attribute envelope-ring=NAME",
		"no rule covers this path and no ring is the default")
}

// Named tells whether an attribute, as git-check-attr(1) prints it, carries a value.
func Named(v string) bool {
	return v != "" && v != "unspecified" && v != "set" && v != "unset"
}

// Damage refuses attributes that make Git convert the sealed bytes afterwards:
// on check-in Git runs encoding, line ends and ident after the filter, on the
// ciphertext. "text=auto" is harmless, since a sealed blob starts with NUL.
func (a Attributes) Damage() error {
	var bad string
	name, ends := a.lineEnds()
	switch {
	case ends == "set", ends == "input":
		bad = name
	case Named(a.EOL) && ends != "unset" && ends != "auto": // alone, eol means text
		bad = "eol=" + a.EOL
	case a.Ident == "set":
		bad = "ident"
	case Named(a.Encoding):
		bad = "working-tree-encoding=" + a.Encoding
	default:
		return nil
	}
	return refuse(nil, "set '-text -ident -working-tree-encoding' for this path; 'git envelope sync' does it, 'git envelope explain PATH' shows which line outranks it",
		"the attribute %q would damage the sealed bytes", bad)
}

// lineEnds is what Git goes by: text where it says something Git knows, else crlf.
func (a Attributes) lineEnds() (name, value string) {
	switch a.Text {
	case "set", "unset", "auto":
		return "text", a.Text
	case "input":
		return "text=input", a.Text
	}
	if a.CRLF == "input" {
		return "crlf=input", a.CRLF
	}
	return "crlf", a.CRLF
}
