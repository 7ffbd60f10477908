// Package check is the one verdict that the commit hook and the scanner share,
// over any stream of (path, blob, mode): an index, a tree, a range, a push.
//
// It promises that a change cannot excuse itself: the policy of the base counts
// as well as the new one, so that a commit which drops a rule and adds the
// plaintext is found. It needs no key (with one it authenticates instead of
// only walking the structure), and no finding quotes content.
//
// An error is not a finding: it says that the verdict could not be reached (an
// unreadable object, a shallow clone), which is exit code 3. Findings are exit
// code 1, or 5 if one of them is an integrity failure (Finding.Integrity).
//
// What is decided here, beyond the obvious:
//   - An empty file is fine at a sealed path; it is its own sealed form.
//   - Symbolic links and submodules are not looked at: Git runs no filter on
//     them, so no rule could ever seal them, and a link inside a sealed folder is
//     common. A secret in a link's target is for the content rules to find.
//   - A rename is a delete and an add. A sealed blob that moved under another
//     ring's rule is found, one that moved out of every rule is only ciphertext.
//   - A sealed blob that no rule, attribute or forbid line asks for is nobody's
//     concern; a test vector may well be one.
//
// It does not find a change of rules by itself: when Governs says so of a
// changed path, the caller passes the unchanged paths through Change too.
//
// It runs no git and reads no file. The verdicts on content (secrets in plain
// blobs, values that are sealed elsewhere) need no policy and no base, and the
// same content is judged once whatever paths it has: that is Search.
package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/policy"
)

// ErrUnknownKey is what RingOfKey answers for a key id that no wrapped-key file
// of the repository names.
var ErrUnknownKey = errors.New("no wrapped key is known for this key id")

// Blob is one side of a change.
type Blob struct {
	Mode uint32 // as in a tree: 0100644, 0120000, …
	OID  string
	// Open is called for regular files only, and not for each.
	Open func(ctx context.Context) (io.ReadCloser, error)
	// Head is how it begins, envelope.HeaderSize bytes or all, if that is known
	// already: of a blob that is replaced no more is looked at.
	Head []byte
}

// Change is what happened to one path. For a whole tree Old is nil, or the same
// blob as New.
type Change struct {
	Path     string // raw bytes, slash-separated, relative to the top
	Old, New *Blob  // nil: absent on that side
}

// Side is what says which paths are sealed, before or after the change.
type Side struct {
	Policy *policy.Policy // nil: there is none
	// Attributed is Git's own answer for a path: does filter=envelope hold, and
	// what is the value of envelope-ring ("" if it has none). nil: not known.
	Attributed func(ctx context.Context, path string) (filter bool, ring string, err error)
}

// Checker judges the changes from one state of a repository to another. It is
// safe for concurrent use if its functions are.
type Checker struct {
	Old, New Side // Old is zero if there is no base
	// RingOfKey tells the ring of a key id (32 hexadecimal digits); an error that
	// matches ErrUnknownKey if there is none.
	RingOfKey func(ctx context.Context, keyID string) (ring string, err error)
	// RecipientID is how wrapped-key files name a recipient. If it is nil, every one
	// that goes is a finding.
	RecipientID func(policy.Recipient) string
	// Open gives the key to authenticate with. If it is nil or returns nil, only
	// the structure is checked.
	Open func(ctx context.Context, id envelope.KeyID) (*envelope.Key, error)
}

// Governs tells whether a change of this path can change the verdict on paths
// that did not change: the policy, an attributes file, a wrapped key. Then those
// must be checked too.
func Governs(name string) bool {
	return name == policy.Path || path.Base(name) == ".gitattributes" || strings.HasPrefix(name, keysFolder)
}

const keysFolder = ".envelope/keys/"

// Change judges one path.
func (c *Checker) Change(ctx context.Context, ch Change) ([]Finding, error) {
	found, err := c.change(ctx, ch)
	if err != nil {
		return nil, fmt.Errorf("check %q: %w", ch.Path, err)
	}
	for i := range found {
		found[i].Path = ch.Path
		if ch.New != nil {
			found[i].OID = ch.New.OID
		}
	}
	return found, nil
}

func (c *Checker) change(ctx context.Context, ch Change) ([]Finding, error) {
	if policy.Reserved(ch.Path) {
		return c.keyFile(ctx, ch)
	}
	if !ch.New.regular() {
		return nil, nil
	}
	d, err := c.demands(ctx, ch.Path)
	if err != nil {
		return nil, err
	}
	if !d.any() {
		return c.undemanded(ctx, ch)
	}
	return c.demanded(ctx, ch, d)
}

// undemanded is for a path that need not be sealed: all that can be wrong is
// that it was, and is not any more.
func (c *Checker) undemanded(ctx context.Context, ch Change) ([]Finding, error) {
	was, err := wasSealed(ctx, ch)
	if err != nil || !was {
		return nil, err
	}
	b, err := open(ctx, ch.New)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if b.empty || b.sealed {
		return nil, nil
	}
	return []Finding{unsealed("")}, nil
}

// demanded is for a path that must be sealed.
func (c *Checker) demanded(ctx context.Context, ch Change, d demands) ([]Finding, error) {
	b, err := open(ctx, ch.New)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var found []Finding
	switch {
	case b.sealed:
		found, err = c.sealed(ctx, b, d)
	case !b.empty:
		found, err = c.plain(ctx, ch, d)
	}
	if err != nil {
		return nil, err
	}
	if d.unfiltered {
		found = append(found, notFiltered(d.now.ring))
	}
	return found, nil
}

// plain says which demand plaintext breaks. The new policy speaks first: what it
// asks for is the easiest to mend.
func (c *Checker) plain(ctx context.Context, ch Change, d demands) ([]Finding, error) {
	if d.now.covered {
		return []Finding{plainAtSealedPath(d.now, d.was)}, nil
	}
	was, err := wasSealed(ctx, ch)
	if err != nil {
		return nil, err
	}
	switch {
	case was:
		return []Finding{unsealed(d.was.ring)}, nil
	case d.was.covered:
		return []Finding{plainAgainstBase(d.was)}, nil
	default:
		return []Finding{forbiddenPlain(d)}, nil
	}
}

// sealed judges a blob that claims to be sealed.
func (c *Checker) sealed(ctx context.Context, b *blob, d demands) ([]Finding, error) {
	id, fault, err := c.verify(ctx, b)
	switch {
	case err != nil:
		return nil, err
	case errors.Is(fault, envelope.ErrVersion), errors.Is(fault, envelope.ErrSuite):
		return []Finding{unknownFormat(fault)}, nil
	case fault != nil:
		return []Finding{damaged(fault)}, nil
	}
	ring, err := c.RingOfKey(ctx, id)
	if errors.Is(err, ErrUnknownKey) {
		return []Finding{unknownKey(id)}, nil
	}
	if err != nil {
		return nil, err
	}
	return c.rings(ring, d), nil
}

// verify reads the blob to its end. fault is what is wrong with the blob, err
// what kept us from looking.
func (c *Checker) verify(ctx context.Context, b *blob) (id string, fault, err error) {
	head, err := b.Peek(envelope.HeaderSize)
	if err != nil && err != io.EOF {
		return "", nil, err
	}
	h, err := envelope.ParseHeader(head)
	if err != nil {
		return "", err, nil
	}
	id = h.KeyID.String()
	var key *envelope.Key
	if c.Open != nil {
		if key, err = c.Open(ctx, h.KeyID); err != nil && !errors.Is(err, ErrUnknownKey) {
			return "", nil, err
		}
	}
	if key != nil {
		_, err = io.Copy(io.Discard, envelope.NewReader(b, key))
	} else {
		_, err = envelope.Inspect(b)
	}
	if errors.Is(err, envelope.ErrDamaged) {
		return id, err, nil
	}
	return id, nil, err
}

// rings compares the ring of a sound blob with what is asked for.
func (c *Checker) rings(ring string, d demands) []Finding {
	var found []Finding
	switch {
	case d.now.covered && d.now.ring != "" && c.New.called(ring) != d.now.ring:
		found = append(found, wrongRing(ring, d.now.ring))
	case d.was.covered && d.was.ring != "" && c.Old.called(ring) != d.was.ring && ring != c.successor(d.was.ring):
		found = append(found, ringChanged(ring, d.was.ring))
	}
	if d.was.covered && !d.now.covered {
		found = append(found, protectionRemoved(ring, d.was))
	}
	return found
}

// keyFile judges a path that is never sealed: wrapped keys are only added, and
// rewrapped, apart from those of a recipient that left its ring, which is a finding
// by itself.
func (c *Checker) keyFile(ctx context.Context, ch Change) ([]Finding, error) {
	switch {
	case !strings.HasPrefix(ch.Path, keysFolder) || ch.Old == nil:
		return nil, nil
	case ch.New == nil:
		if left, err := c.leftRing(ctx, ch.Path); err != nil || left {
			return nil, err
		}
		return []Finding{keyFileRemoved()}, nil
	case ch.New.OID == ch.Old.OID && ch.New.regular() == ch.Old.regular():
		return nil, nil
	case ch.New.regular() && ch.Old.regular():
		if same, err := rewrapped(ctx, ch.Old, ch.New); err != nil || same {
			return nil, err
		}
	}
	return []Finding{keyFileChanged()}, nil
}
