package keys

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is the closed list of failures a caller acts on.
type Kind int

const (
	Other       Kind = iota
	NotMine          // the identity at hand is not this recipient: try the next
	NoIdentity       // nothing at hand to open this kind of recipient with
	Denied           // the service refuses this principal
	Expired          // the login must be renewed
	NotFound         // the key does not exist (any more)
	Disabled         // the key is disabled or pending deletion
	Unsupported      // this build or this machine cannot use the recipient
	Consent          // would start a program or call a host the user has not allowed
	Unreachable      // network fault or deadline: may work later
	Throttled        // may work later
	Tampered         // authentication failed: final, never try another
	Malformed        // a wrapped-key file that is none: the others are still tried
)

var kindNames = [...]string{"failed", "not yours", "no identity", "access denied", "login not valid", "key not found",
	"key disabled", "not supported", "needs consent", "unreachable", "throttled", "tampered with", "malformed"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[Other]
	}
	return kindNames[k]
}

// Transient tells whether the same call may succeed later.
func (k Kind) Transient() bool { return k == Unreachable || k == Throttled }

// Error is one recipient's failure, in a few words.
type Error struct {
	Kind      Kind
	Recipient string // as the policy names it, if known
	Principal string // who asked, if known
	Message   string // lower case, one line, nothing secret
	Hint      string // what to type, if known
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Recipient != "" {
		b.WriteString(e.Recipient + ": ")
	}
	b.WriteString(e.Kind.String())
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Principal != "" {
		b.WriteString(" (as " + e.Principal + ")")
	}
	return b.String()
}

// KindOf is the kind of the *Error in err's chain, else Other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Other
}

// OneLine makes foreign text fit for a message: control characters and line
// ends become spaces, what is not UTF-8 becomes a replacement character, and no
// more than limit bytes remain. Every provider passes what a library, a service
// or a program said through it.
func OneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// Sentinels for what a whole ring, not one recipient, answers.
var (
	// ErrUnknownKey: no wrapped-key file names this key id, anywhere.
	ErrUnknownKey = errors.New("no wrapped key is known for this key id")
	// ErrLocked: the user locked the ring in this clone.
	ErrLocked = errors.New("locked in this clone")
	// ErrNoAccess: every recipient was tried and none may open the ring.
	ErrNoAccess = errors.New("no recipient could be opened")
	// ErrTransient: none opened, but at least one may later.
	ErrTransient = errors.New("no recipient could be reached")
	// ErrTampered: a wrapped key failed authentication.
	ErrTampered = errors.New("wrapped key failed authentication")
	// ErrNoGeneration: the ring has no data key yet.
	ErrNoGeneration = errors.New("the ring has no data key")
)

// RingError says why a ring stayed shut, recipient by recipient. It matches
// ErrNoAccess, ErrTransient, ErrLocked, ErrUnknownKey, ErrNoGeneration or
// ErrTampered.
type RingError struct {
	Ring   string // "" if not known
	ID     ID     // zero if not known
	Cause  error  // one of the sentinels
	Failed []*Error
	Hint   string // a way out for the ring as a whole, if known
}

func (e *RingError) Error() string {
	s := e.Brief()
	for _, f := range e.Failed {
		s += "; " + f.Error()
	}
	return s
}

// Brief is Error without what each recipient answered.
func (e *RingError) Brief() string {
	var about []string
	if e.Ring != "" {
		about = append(about, "ring "+e.Ring)
	}
	if e.ID != (ID{}) {
		about = append(about, "key "+e.ID.Short())
	}
	s := e.Cause.Error()
	if len(about) > 0 {
		s = strings.Join(about, ", ") + ": " + s
	}
	return s
}

func (e *RingError) Unwrap() error { return e.Cause }

// Hints are the distinct ways out, in order.
func (e *RingError) Hints() []string {
	var out []string
	add := func(hint string) {
		if hint != "" && !slices.Contains(out, hint) {
			out = append(out, hint)
		}
	}
	add(e.Hint)
	for _, f := range e.Failed {
		add(f.Hint)
	}
	return out
}
