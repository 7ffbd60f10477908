package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-envelope/git-envelope/policy"
)

// Generation is what the wrapped-key files of one state of a repository claim
// about a generation of a ring's data key. Nothing of it is authenticated, for
// that takes the key: whoever may write to the repository may claim what they like.
type Generation struct {
	ID         string
	Created    time.Time          // zero if no file of it is well-formed
	Recipients []policy.Recipient // for whom it is wrapped; options do not count
}

// Upkeep judges one state by itself: whether the keys of a ring are as its
// rotate_every and require want them, whether every recipient has a wrapped key
// for each generation, and whether anybody else has one for the current. It is no matter of what changed: time alone makes a
// rotation overdue, and a merge of two good branches can leave a recipient
// without a key. generations gives those of a ring, the newest first.
func Upkeep(p *policy.Policy, now time.Time, generations func(ring string) []Generation) []Finding {
	var found []Finding
	for _, ring := range p.Rings {
		have := generations(ring.Name)
		if f, _ := Rotation(ring, have, now); f != nil {
			found = append(found, *f)
		}
		found = append(found, required(ring, have)...)
		found = append(found, withoutKey(ring, have)...)
		found = append(found, strangers(ring, have)...)
	}
	for i := range found {
		found[i].Path = policy.Path
	}
	return found
}

// Age is how old the current key of a ring is by the side of its rotate_every.
type Age struct {
	Due     time.Time // when it is to be rotated; zero if never, or if Unknown
	Overdue bool
	Unknown bool // it claims to come from the future, or no file of it can be read
}

// clockSlack is by how much the clocks of two honest people may differ.
const clockSlack = 24 * time.Hour

// AgeOf judges the current key of a ring that claims to be created then.
func AgeOf(ring policy.Ring, created, now time.Time) Age {
	switch {
	case ring.RotateEvery <= 0:
		return Age{}
	case created.IsZero(), created.After(now.Add(clockSlack)):
		return Age{Unknown: true} // never due would be a way to switch the rule off
	}
	due := created.Add(ring.RotateEvery)
	return Age{Due: due, Overdue: now.After(due)}
}

// Rotation is the finding if a ring's rotation is overdue, or may be; else nil.
func Rotation(ring policy.Ring, have []Generation, now time.Time) (*Finding, Age) {
	if len(have) == 0 {
		return nil, Age{}
	}
	current := have[0]
	age := AgeOf(ring, current.Created, now)
	f := &Finding{Rule: RotationOverdue, Path: policy.Path, Ring: ring.Name, Key: current.ID}
	switch folder := keysFolder + ring.Name + "/" + current.ID; {
	case age.Overdue:
		f.Message = fmt.Sprintf("the data key of ring %q is of %s; by rotate_every it was to be replaced by %s",
			ring.Name, date(current.Created), date(age.Due))
		f.Hint = "git envelope rotate --ring " + ring.Name
	case age.Unknown && current.Created.IsZero():
		f.Message = fmt.Sprintf("the current data key of ring %q can't be read, so whether rotate_every is kept can't be told", ring.Name)
		f.Hint = "restore it from a commit you trust: " + folder
	case age.Unknown:
		f.Message = fmt.Sprintf("the data key of ring %q claims to be of %s, which is to come, so whether rotate_every is kept can't be told",
			ring.Name, date(current.Created))
		f.Hint = "see who made it: git log -- " + folder
	default:
		return nil, age
	}
	return f, age
}

// required looks for the kinds that a ring requires: among its recipients, and
// among those its current key is wrapped for.
func required(ring policy.Ring, have []Generation) []Finding {
	var found []Finding
	for _, kind := range ring.Require {
		f := Finding{Rule: RequiredRecipientMissing, Ring: ring.Name, Base: kind}
		is := func(r policy.Recipient) bool { return r.Kind == kind }
		wrapped := func(r policy.Recipient) bool { return is(r) && has(have[0], r) }
		switch {
		case !slices.ContainsFunc(ring.Recipients, is):
			f.Message = fmt.Sprintf("ring %q requires a recipient of kind %s and has none", ring.Name, kind)
		case len(have) > 0 && !slices.ContainsFunc(ring.Recipients, wrapped):
			f.Message = fmt.Sprintf("ring %q requires a recipient of kind %s, and its current data key is wrapped for none", ring.Name, kind)
		default:
			continue
		}
		f.Hint = "git envelope recipient add --ring " + ring.Name + " --" + kind + " …"
		found = append(found, f)
	}
	return found
}

// withoutKey finds the recipients that the policy promises what they can't do.
func withoutKey(ring policy.Ring, have []Generation) []Finding {
	var found []Finding
	for _, r := range ring.Recipients {
		n := 0
		for _, g := range have {
			if has(g, r) {
				n++
			}
		}
		if n < len(have) {
			found = append(found, Finding{Rule: RecipientWithoutKey, Ring: ring.Name, Base: r.Kind + ": " + r.URI,
				Message: fmt.Sprintf("ring %q: %s has a wrapped key for %d of %d generations", ring.Name, brief(r), n, len(have)),
				Hint:    "who can open the ring runs: git envelope recipient add --ring " + ring.Name + " --" + r.Kind + " '" + strings.ReplaceAll(r.URI, "'", `'\''`) + "'"})
		}
	}
	return found
}

// strangers finds who can open what is sealed from now on and is no recipient: one
// branch took them out, and another rotated meanwhile. Older generations do not
// count, since whoever was a recipient once keeps what there was.
func strangers(ring policy.Ring, have []Generation) []Finding {
	if len(have) == 0 {
		return nil
	}
	var found []Finding
	for _, r := range have[0].Recipients {
		if !slices.ContainsFunc(ring.Recipients, func(o policy.Recipient) bool { return o.Kind == r.Kind && o.URI == r.URI }) {
			found = append(found, Finding{Rule: KeyForStranger, Ring: ring.Name, Base: r.Kind + ": " + r.URI, Key: have[0].ID,
				Message: fmt.Sprintf("ring %q: its current data key is wrapped for %s, who is no recipient by the policy", ring.Name, brief(r)),
				Hint:    "make a key without them: git envelope rotate --ring " + ring.Name + "; if they are to be one: git envelope recipient add"})
		}
	}
	return found
}

func has(g Generation, r policy.Recipient) bool {
	return slices.ContainsFunc(g.Recipients, func(o policy.Recipient) bool { return o.Kind == r.Kind && o.URI == r.URI })
}

// brief names a recipient in a message: some are two thousand characters long.
func brief(r policy.Recipient) string {
	const whole, head, tail = 100, 24, 8
	uri := r.URI
	if len(uri) > whole { // ASCII, in the policy as in a wrapped-key file
		uri = uri[:head] + "…" + uri[len(uri)-tail:]
	}
	return r.Kind + ": " + uri
}

func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
