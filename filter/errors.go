package filter

import (
	"errors"
	"fmt"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// Errors a caller tells apart.
var (
	// ErrRefused: clean will not store this content; the text says why.
	ErrRefused = errors.New("refused")
	// ErrIntegrity: a blob or key failed authentication (exit code 5).
	ErrIntegrity = errors.New("integrity failure")
	// ErrNewer: a newer git-envelope sealed this blob. For all this one can tell
	// nothing is wrong with it, so it matches neither ErrIntegrity nor
	// envelope.ErrDamaged.
	ErrNewer = errors.New("sealed by a newer git-envelope")
)

// refusal is an error with a way out.
type refusal struct {
	msg, hint string
	cause     error
}

func (r *refusal) Error() string {
	if r.cause != nil {
		return r.msg + ": " + r.cause.Error()
	}
	return r.msg
}

func (r *refusal) Unwrap() []error {
	if r.cause == nil {
		return []error{ErrRefused}
	}
	return []error{ErrRefused, r.cause}
}

// Hint is what to type; "" leaves it to the cause.
func (r *refusal) Hint() string { return r.hint }

func refuse(cause error, hint, format string, args ...any) error {
	return &refusal{msg: fmt.Sprintf(format, args...), hint: hint, cause: cause}
}

// newer is ErrNewer with what the blob says of itself.
type newer struct{ cause error }

func (n *newer) Error() string        { return ErrNewer.Error() + ": " + n.cause.Error() }
func (n *newer) Is(target error) bool { return target == ErrNewer }

// Hint is what to do.
func (n *newer) Hint() string { return "upgrade git-envelope" }

// integrity marks a failed authentication.
func integrity(err error) error {
	if err == nil || errors.Is(err, ErrIntegrity) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrIntegrity, err)
}

// damaged is the refusal of content that looks sealed and is not whole. A failed
// read or write says nothing about the content and stays what it is.
func damaged(err error) error {
	if !errors.Is(err, envelope.ErrDamaged) {
		return fmt.Errorf("check the sealed content: %w", err)
	}
	return refuse(integrity(err), "restore it with 'git checkout -- PATH'; plaintext may not begin with the magic bytes of a sealed file",
		"the content looks sealed but is damaged")
}

// noKey is the refusal of plaintext for want of a key. What the keyring has to
// say about the way to the key is better than anything said here.
func noKey(err error, ring string) error {
	const giveUp = "to give the plaintext up: remove the file, then 'git checkout -- PATH'"
	hint := "give git-envelope an identity of the ring (see 'git envelope doctor'), or, " + giveUp
	var known *keys.RingError
	switch {
	case errors.As(err, &known) && len(known.Hints()) > 0:
		hint = "or, " + giveUp
	case errors.Is(err, keys.ErrLocked):
		hint = "git envelope unlock"
	case errors.Is(err, keys.ErrTampered):
		hint = "restore .envelope/keys from a commit you trust"
	}
	if errors.Is(err, keys.ErrTampered) {
		err = integrity(err)
	}
	return refuse(err, hint, "plaintext cannot be sealed for ring %q", ring)
}

// shut tells whether a ring's failure means "not for this user, here and now",
// which on check-out leaves the file sealed instead of failing the checkout. So
// does a blob that only a newer program can open: an old one on one machine must
// not keep the whole branch from being checked out.
func shut(err error) bool {
	return errors.Is(err, keys.ErrLocked) || errors.Is(err, keys.ErrNoAccess) || errors.Is(err, keys.ErrUnknownKey) || errors.Is(err, ErrNewer)
}
