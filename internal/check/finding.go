package check

import (
	"errors"
	"fmt"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// The rules. Their ids are stable: CI jobs and baselines refer to them.
const (
	PlainAtSealedPath  = "plain-at-sealed-path"
	ForbiddenPlain     = "forbidden-plain"
	Unsealed           = "unsealed"
	WrongRing          = "wrong-ring"
	RingChanged        = "ring-changed"
	UnknownKey         = "unknown-key"
	UnknownFormat      = "unknown-format"
	Damaged            = "damaged"
	NotFiltered        = "not-filtered"
	ProtectionRemoved  = "protection-removed"
	PolicyRemoved      = "policy-removed"
	RepositoryChanged  = "repository-changed"
	RingRemoved        = "ring-removed"
	RecipientRemoved   = "recipient-removed"
	RequireRemoved     = "require-removed"
	DefaultRingChanged = "default-ring-changed"
	ForbidRemoved      = "forbid-removed"
	KeyFileRemoved     = "key-file-removed"
	KeyFileChanged     = "key-file-changed"

	RotationOverdue          = "rotation-overdue"
	RequiredRecipientMissing = "required-recipient-missing"
	RecipientWithoutKey      = "recipient-without-key"
	KeyForStranger           = "key-for-stranger"
)

// Rule describes a rule for reports.
type Rule struct {
	ID, Summary string
	Verdict     int    // 1: what is to be sealed is not as it should be; 2: protection was weakened
	Severity    string // low, medium, high or critical
	Integrity   bool   // its findings are integrity failures
}

// Rules are all there are, in the order of the verdicts.
var Rules = []Rule{
	{PlainAtSealedPath, "a path that is to be sealed holds plaintext", 1, "critical", false},
	{ForbiddenPlain, "a path that may enter the repository only sealed holds plaintext", 1, "critical", false},
	{Unsealed, "a file that was sealed is plaintext now", 2, "critical", false},
	{WrongRing, "a file is sealed for another ring than its path's", 1, "high", false},
	{RingChanged, "a file is sealed for another ring than the base asks for", 2, "high", false},
	{UnknownKey, "a file is sealed under a key that the repository does not know", 1, "high", false},
	{UnknownFormat, "a file is sealed in a format that this program does not know", 1, "medium", false},
	{Damaged, "a sealed file is damaged", 1, "critical", true},
	{NotFiltered, "a rule covers the path, but Git does not give it to the filter", 2, "high", false},
	{ProtectionRemoved, "a sealed file is no longer covered", 2, "high", false},
	{PolicyRemoved, "the policy is gone", 2, "critical", false},
	{RepositoryChanged, "the repository id changed, to which all keys are bound", 2, "critical", false},
	{RingRemoved, "a ring is gone", 2, "high", false},
	{RecipientRemoved, "a recipient of a ring is gone", 2, "medium", false},
	{RequireRemoved, "a ring no longer requires a kind of recipient", 2, "medium", false},
	{DefaultRingChanged, "the ring of files without a rule changed", 2, "medium", false},
	{ForbidRemoved, "a forbid pattern is gone", 2, "medium", false},
	{KeyFileRemoved, "a wrapped key is gone", 2, "high", false},
	{KeyFileChanged, "a wrapped key was changed", 2, "high", false},
	{RotationOverdue, "the data key of a ring is older than rotate_every allows", 2, "low", false},
	{RequiredRecipientMissing, "a ring lacks a kind of recipient that it requires", 2, "medium", false},
	{RecipientWithoutKey, "a recipient of a ring has no wrapped key for some generation", 2, "medium", false},
	{KeyForStranger, "the current data key of a ring is wrapped for somebody who is no recipient", 2, "high", false},
}

// RuleOf is the rule of an id of this package.
func RuleOf(id string) Rule {
	for _, r := range Rules {
		if r.ID == id {
			return r
		}
	}
	panic("check: internal error: no rule " + id)
}

// Finding is one thing that is wrong. It never holds content.
type Finding struct {
	Rule    string `json:"rule"`
	Path    string `json:"path"` // raw bytes
	OID     string `json:"oid,omitempty"`
	Message string `json:"message"`        // lower case, without the path
	Hint    string `json:"hint,omitempty"` // what to do
	Ring    string `json:"ring,omitempty"` // the ring that is asked for, or that a policy finding is about
	// Base is what the base had and the new state lacks: a ring, a recipient, a pattern.
	Base string `json:"base,omitempty"`
	Key  string `json:"key,omitempty"` // the key id a blob names
	// Integrity: something failed its check, which is exit code 5 and not 1.
	Integrity bool `json:"integrity,omitempty"`
}

const (
	hintSeal = "run 'git envelope install', then 'git add --renormalize' on this path; what was pushed before must be considered known"
	hintMean = "if this is meant, say so to who reviews it; the hooks let it pass with 'git commit --no-verify' and 'git push --no-verify'"
	hintKeys = "restore it from the base: old keys are needed to read old commits. " + hintMean
)

func plainAtSealedPath(now, was demand) Finding {
	return Finding{Rule: PlainAtSealedPath, Ring: now.ring, Base: otherRing(now, was), Hint: hintSeal,
		Message: "is plaintext, but " + now.asks()}
}

func plainAgainstBase(was demand) Finding {
	return Finding{Rule: PlainAtSealedPath, Ring: was.ring, Base: was.ring, Hint: "restore the rule, then: " + hintSeal,
		Message: "is plaintext; in the base " + was.asks() + ", and this change may not excuse itself"}
}

func forbiddenPlain(d demands) Finding {
	f := Finding{Rule: ForbiddenPlain, Hint: "seal it: 'git envelope seal PATTERN'; or leave it out: 'git rm --cached'"}
	if d.now.forbid != "" {
		f.Message = fmt.Sprintf("is plaintext, but forbid pattern %q lets it in only sealed", d.now.forbid)
		return f
	}
	f.Base = d.was.forbid
	f.Message = fmt.Sprintf("is plaintext; forbid pattern %q of the base lets it in only sealed", d.was.forbid)
	return f
}

func unsealed(ring string) Finding {
	return Finding{Rule: Unsealed, Ring: ring, Base: ring, Message: "was sealed and is plaintext now",
		Hint: "seal it again with 'git envelope seal PATTERN'. " + hintMean}
}

func wrongRing(has, want string) Finding {
	return Finding{Rule: WrongRing, Ring: want, Message: fmt.Sprintf("is sealed for ring %q, but its path belongs to ring %q", has, want),
		Hint: "add its plaintext again, so that it is sealed for the right ring; or correct the rule"}
}

func ringChanged(has, was string) Finding {
	return Finding{Rule: RingChanged, Ring: has, Base: was, Hint: hintMean,
		Message: fmt.Sprintf("is sealed for ring %q; the base keeps its path for ring %q", has, was)}
}

func unknownKey(id string) Finding {
	return Finding{Rule: UnknownKey, Key: id, Message: "is sealed under key " + id[:8] + ", which this repository does not know",
		Hint: "commit the key's files below .envelope/keys with it; if it comes from another repository, add its plaintext instead"}
}

func unknownFormat(fault error) Finding {
	return Finding{Rule: UnknownFormat, Message: reason(fault), Hint: "check with a newer git-envelope"}
}

func damaged(fault error) Finding {
	return Finding{Rule: Damaged, Integrity: true, Message: reason(fault),
		Hint: "restore it from a commit you trust, or add its plaintext again"}
}

func notFiltered(ring string) Finding {
	return Finding{Rule: NotFiltered, Ring: ring, Message: "is covered by the policy, but its attributes do not say filter=envelope",
		Hint: "run 'git envelope sync' and commit .gitattributes; 'git envelope explain PATH' shows what outranks it"}
}

func protectionRemoved(ring string, was demand) Finding {
	return Finding{Rule: ProtectionRemoved, Ring: ring, Base: was.ring, Hint: "restore the rule, or the line of .gitattributes. " + hintMean,
		Message: "is sealed but no longer covered: its next version would be plaintext"}
}

func keyFileRemoved() Finding {
	return Finding{Rule: KeyFileRemoved, Message: "this wrapped key is in the base and gone now", Hint: hintKeys}
}

func keyFileChanged() Finding {
	return Finding{Rule: KeyFileChanged, Message: "this wrapped key differs from the base's", Hint: hintKeys}
}

// asks says who wants the path sealed.
func (d demand) asks() string {
	s := "the policy seals this path"
	if !d.rule {
		s = "its attributes have it sealed"
	}
	if d.ring != "" {
		s += fmt.Sprintf(" for ring %q", d.ring)
	}
	return s
}

// otherRing is the base's ring if it is another one.
func otherRing(now, was demand) string {
	if was.covered && was.ring != now.ring {
		return was.ring
	}
	return ""
}

// faults are the texts of the format's errors: nothing else of an error enters a
// finding, lest it quote what was read.
var faults = []error{
	envelope.ErrVersion, envelope.ErrSuite, envelope.ErrHeader, envelope.ErrKeyID, envelope.ErrTruncated,
	envelope.ErrSegmentLength, envelope.ErrSegmentTag, envelope.ErrCodec, envelope.ErrPayload, envelope.ErrSegmentSize,
	envelope.ErrSegmentCut, envelope.ErrTrailer, envelope.ErrEmpty, envelope.ErrTrailing,
}

func reason(fault error) string {
	for _, known := range faults {
		if errors.Is(fault, known) {
			return known.Error()
		}
	}
	return envelope.ErrDamaged.Error()
}
