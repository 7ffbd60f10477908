package main

import (
	"context"
	"fmt"
	"time"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// keyCheck is what 'doctor --keys --json' says of one recipient, beside its diagnosis.
type keyCheck struct {
	Ring      string  `json:"ring"`
	Kind      string  `json:"kind"`
	URI       string  `json:"uri"`
	Opens     bool    `json:"opens"`
	Failure   string  `json:"failure,omitempty"` // the kind of failure, in a word or two
	Principal string  `json:"principal,omitempty"`
	TookMS    float64 `json:"took_ms"`
}

// checkKeys has every recipient of every ring open the ring's current
// generation. A recipient that stays shut is worth a note: most are somebody
// else's. A ring without any that opens is a problem, and so is a recipient for
// which nothing was wrapped, since its owner believes that he has access.
func checkKeys(ctx context.Context, c *clone) ([]diagnosis, error) {
	p, err := c.policies.CheckIn(ctx)
	if p == nil || err != nil {
		return nil, nil // told by checkPolicy
	}
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	registry, err := c.providers()
	if err != nil {
		return nil, err
	}
	var out []diagnosis
	for _, ring := range p.Rings {
		m, probes, err := kr.Probe(ctx, ring.Name)
		if err != nil {
			return nil, err
		}
		if m.ID == (keys.ID{}) {
			continue // told by checkPolicy
		}
		opens := false
		for _, probe := range probes {
			d := diagnoseKey(ctx, registry, ring.Name, probe)
			opens = opens || d.Key.Opens
			out = append(out, d)
		}
		if !opens {
			out = append(out, bad("ring "+ring.Name, "see the lines above, and docs/keys.md", "none of its recipients opens from here"))
		}
	}
	return out, nil
}

func diagnoseKey(ctx context.Context, registry *keys.Registry, ring string, probe keyring.Probe) diagnosis {
	r := probe.Recipient
	check := "key of ring " + ring
	key := keyCheck{Ring: ring, Kind: r.Kind, URI: r.URI, TookMS: milliseconds(probe.Took)}
	var d diagnosis
	switch {
	case !probe.Wrapped:
		key.Failure = "not wrapped"
		hint := ""
		if registry.Check(r) == nil {
			hint = "git envelope recipient add --ring " + ring + named([]keys.Recipient{r})
		}
		d = bad(check, hint, "%s: the policy lists it, but the current key is not wrapped for it", r.Display())
	case probe.Failed != nil:
		key.Failure, key.Principal = probe.Failed.Kind.String(), probe.Failed.Principal
		level := note
		if probe.Failed.Kind == keys.Tampered {
			level = bad
		}
		d = level(check, probe.Failed.Hint, "%v (%s)", probe.Failed, rounded(probe.Took))
	default:
		key.Opens, key.Principal = true, principal(ctx, registry, r)
		as := ""
		if key.Principal != "" {
			as = " as " + key.Principal
		}
		d = ok(check, "%s: opens%s (%s)", r.Display(), as, rounded(probe.Took))
	}
	d.Key = &key
	return d
}

// principal is as whom the provider asks, "" if it cannot tell in good time.
func principal(ctx context.Context, registry *keys.Registry, r keys.Recipient) string {
	p, err := registry.Provider(r.Kind)
	if err != nil {
		return ""
	}
	who, ok := p.(keys.Identifier)
	if !ok {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, keyring.DefaultDeadline)
	defer cancel()
	name, err := who.Principal(ctx, r)
	if err != nil {
		return ""
	}
	return name
}

func rounded(d time.Duration) string { return fmt.Sprintf("%.1f ms", milliseconds(d)) }
