package keyring

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Limits, for what we write as for what we read.
const (
	// MaxFile bounds a wrapped-key file in bytes.
	MaxFile = 64 << 10
	// MaxFiles bounds the wrapped-key files of one generation: its recipients.
	MaxFiles = 1000
	// MaxRingFiles bounds the wrapped-key files of one ring, all generations.
	MaxRingFiles = 100_000

	maxRepository = 128
	maxKind       = 32
	maxAlgorithm  = 64
)

// FileVersion is the version of wrapped-key file that this package writes, and
// the only one that it reads.
const FileVersion = 1

// MACSize is the length of a wrapped-key file's authenticator.
const MACSize = 32

// Faults of a wrapped-key file. Each matches ErrFile.
var (
	ErrFile        = errors.New("malformed wrapped-key file")
	ErrFileSize    = fileErr("empty or too large")
	ErrPath        = fileErr("not at a wrapped-key file's path")
	ErrLineEndings = fileErr("line endings were converted to CRLF")
	ErrSyntax      = fileErr("not the JSON object it should be")
	ErrDuplicate   = fileErr("a member appears twice")
	ErrVersion     = fileErr("made by a newer version")
	ErrMember      = fileErr("unknown member")
	ErrMissing     = fileErr("missing member")
	ErrValue       = fileErr("invalid value")
	ErrMismatch    = fileErr("contents and path disagree")
	ErrCanonical   = fileErr("not in canonical form")
	ErrRepository  = fileErr("belongs to another repository")
	// ErrMAC: the file's metadata does not authenticate under its own data key.
	ErrMAC = errors.New("the key that came back is not that of the wrapped-key file: the file was changed, or another key was handed over")
)

type fileError struct{ text string }

func fileErr(text string) error           { return &fileError{text} }
func (e *fileError) Error() string        { return e.text }
func (e *fileError) Is(target error) bool { return target == ErrFile }
func faultf(kind error, f string, a ...any) error {
	return fmt.Errorf("%w: %s", kind, fmt.Sprintf(f, a...))
}

// timeLayout is RFC 3339 in UTC with whole seconds, the only form accepted.
const timeLayout = "2006-01-02T15:04:05Z"

// WrappedKey is one wrapped-key file: the data key of one generation, encrypted
// to one recipient, and what is said about it. Until Verify succeeds under the
// unwrapped data key, all of it is merely claimed.
type WrappedKey struct {
	Repository string
	Ring       string
	ID         keys.ID
	Created    time.Time      // UTC, whole seconds
	Recipient  keys.Recipient // without options: those stay in the policy
	Wrapped    keys.Wrapped
	MAC        [MACSize]byte
}

// Context is what the data key was wrapped for.
func (w *WrappedKey) Context() keys.Context {
	return keys.Context{Repository: w.Repository, Ring: w.Ring, ID: w.ID}
}

// Path is where the file belongs.
func (w *WrappedKey) Path() string { return Path(w.Ring, w.ID, w.Recipient.ID()) }

// Marshal writes the file in its one form: two spaces of indent, members in
// fixed order, a line feed at the end. No value needs an escape, because check
// allows none that would.
func (w *WrappedKey) Marshal() []byte {
	var b bytes.Buffer
	line := func(indent, name, value, end string) { fmt.Fprintf(&b, "%s%q: \"%s\"%s\n", indent, name, value, end) }
	fmt.Fprintf(&b, "{\n  \"version\": %d,\n", FileVersion)
	line("  ", "repository", w.Repository, ",")
	line("  ", "ring", w.Ring, ",")
	line("  ", "key_id", w.ID.String(), ",")
	line("  ", "created", w.created(), ",")
	b.WriteString("  \"recipient\": {\n")
	line("    ", "kind", w.Recipient.Kind, ",")
	line("    ", "uri", w.Recipient.URI, "")
	b.WriteString("  },\n  \"wrapped\": {\n")
	line("    ", "key", w.Wrapped.Key, ",")
	line("    ", "algorithm", w.Wrapped.Algorithm, ",")
	line("    ", "ciphertext", base64.StdEncoding.EncodeToString(w.Wrapped.Ciphertext), "")
	b.WriteString("  },\n")
	line("  ", "mac", base64.StdEncoding.EncodeToString(w.MAC[:]), "")
	b.WriteString("}\n")
	return b.Bytes()
}

func (w *WrappedKey) created() string { return w.Created.UTC().Format(timeLayout) }

// check holds the limits on every value, on writing and reading alike.
func (w *WrappedKey) check() error {
	switch {
	case !validText(w.Repository, maxRepository):
		return faultf(ErrValue, "repository")
	case !validRing(w.Ring):
		return faultf(ErrValue, "ring")
	case w.ID == keys.ID{}:
		return faultf(ErrValue, "key_id")
	case !validTime(w.Created):
		return faultf(ErrValue, "created")
	case !validKind(w.Recipient.Kind):
		return faultf(ErrValue, "recipient kind")
	case !validText(w.Recipient.URI, keys.MaxURI):
		return faultf(ErrValue, "recipient uri")
	case len(w.Recipient.Options) != 0:
		return faultf(ErrValue, "recipient options")
	case !validText(w.Wrapped.Key, keys.MaxURI):
		return faultf(ErrValue, "wrapped key")
	case !validText(w.Wrapped.Algorithm, maxAlgorithm):
		return faultf(ErrValue, "wrapped algorithm")
	case len(w.Wrapped.Ciphertext) == 0 || len(w.Wrapped.Ciphertext) > keys.MaxWrapped:
		return faultf(ErrValue, "wrapped ciphertext of %d bytes, want 1 to %d", len(w.Wrapped.Ciphertext), keys.MaxWrapped)
	}
	return nil
}

// validText allows printable ASCII without quote and backslash, so that JSON
// has one way to write it and no editor or terminal is fooled by it.
func validText(s string, limit int) bool {
	if s == "" || len(s) > limit || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// validTime bounds years to four digits; the zero time is no time.
func validTime(t time.Time) bool {
	return !t.IsZero() && t.Nanosecond() == 0 && t.UTC().Year() >= 1970 && t.UTC().Year() <= 9999
}

func validKind(s string) bool {
	return s != "" && len(s) <= maxKind && s[0] != '-' && onlyOf(s, "abcdefghijklmnopqrstuvwxyz0123456789-")
}

// validRing is the policy's rule for ring names, kept here since a ring name
// becomes a folder name.
func validRing(s string) bool {
	return s != "" && len(s) <= 63 && s[0] != '-' && s[0] != '_' && onlyOf(s, "abcdefghijklmnopqrstuvwxyz0123456789-_")
}

func onlyOf(s, alphabet string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(alphabet, r) }) < 0
}
