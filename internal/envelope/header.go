package envelope

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// The fixed parts of the format.
const (
	magic   = "\x00git-envelope\x00" // the leading NUL makes Git treat the blob as binary
	version = 1
	// suite 1: HKDF-SHA-256, HMAC-SHA-256, AES-256-CTR, zstd, gear chunking.
	suite = 1

	keyIDSize   = 16
	tagSize     = 32
	lengthSize  = 4
	recordSize  = lengthSize + tagSize // what precedes each ciphertext, and the whole trailer
	versionAt   = len(magic)
	suiteAt     = versionAt + 1
	keyIDAt     = suiteAt + 1
	segmentsAt  = keyIDAt + keyIDSize
	paramsBytes = 4
)

// HeaderSize is the size in bytes of a version 1 header.
const HeaderSize = segmentsAt + paramsBytes

// KeyID names the generation of a data key.
type KeyID [keyIDSize]byte

// ParseKeyID reads the 32 lower-case hexadecimal digits that String writes.
func ParseKeyID(s string) (KeyID, error) {
	var id KeyID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != keyIDSize || hex.EncodeToString(b) != s {
		return KeyID{}, fmt.Errorf("key id %q is not %d lower-case hexadecimal digits", s, 2*keyIDSize)
	}
	copy(id[:], b)
	return id, nil
}

func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Segmenting says how the plaintext was cut: the base-2 logarithms of the size
// of the smallest segment, of a usual one at the start of a file and deep inside
// a large one, and of the largest. It is part of the header, so a
// reader knows how much memory it needs before it reads on.
type Segmenting struct{ MinLog, LowLog, HighLog, MaxLog uint8 }

// Bounds of Segmenting that a version 1 reader accepts. The lower one is the
// width of the rolling hash, the upper one bounds the memory of a reader to a
// few MiB whatever the blob says.
const (
	minLog = 6
	maxLog = 20
)

// standard is what every writer uses. It is frozen: other values would seal
// the same plaintext to other bytes. See docs/decisions/0002-format-parameters.md.
var standard = Segmenting{MinLog: 11, LowLog: 11, HighLog: 15, MaxLog: 17}

func (s Segmenting) min() int { return 1 << s.MinLog }
func (s Segmenting) max() int { return 1 << s.MaxLog }

func (s Segmenting) valid() bool {
	return minLog <= s.MinLog && s.MinLog <= s.LowLog && s.LowLog <= s.HighLog && s.HighLog <= s.MaxLog && s.MaxLog <= maxLog
}

// MaxSegment is the size in bytes of the largest segment.
func (s Segmenting) MaxSegment() int { return s.max() }

// MinSegment is the size in bytes of the smallest segment but the last.
func (s Segmenting) MinSegment() int { return s.min() }

// Header is what a blob says of itself in clear. It is authenticated only when
// a Reader has read the blob.
type Header struct {
	KeyID      KeyID
	Segmenting Segmenting
}

// IsSealed reports whether data that starts with prefix claims to be sealed:
// whether prefix starts with the whole magic.
func IsSealed(prefix []byte) bool {
	return len(prefix) >= len(magic) && string(prefix[:len(magic)]) == magic
}

// ParseHeader reads the header at the start of b. Given fewer than HeaderSize
// bytes it fails, with the first fault that shows in those there are.
func ParseHeader(b []byte) (Header, error) {
	switch {
	case !IsSealed(b):
		return Header{}, ErrNotSealed
	case len(b) <= versionAt:
		return Header{}, ErrTruncated
	case b[versionAt] != version:
		return Header{}, fmt.Errorf("%w (it says %d, known is %d)", ErrVersion, b[versionAt], version)
	case len(b) <= suiteAt:
		return Header{}, ErrTruncated
	case b[suiteAt] != suite:
		return Header{}, fmt.Errorf("%w (it says %d, known is %d)", ErrSuite, b[suiteAt], suite)
	case len(b) < HeaderSize:
		return Header{}, ErrTruncated
	}
	h := Header{
		KeyID:      KeyID(b[keyIDAt:segmentsAt]),
		Segmenting: Segmenting{MinLog: b[segmentsAt], LowLog: b[segmentsAt+1], HighLog: b[segmentsAt+2], MaxLog: b[segmentsAt+3]},
	}
	if !h.Segmenting.valid() {
		return Header{}, ErrHeader
	}
	return h, nil
}

// appendTo is the inverse of ParseHeader.
func (h Header) appendTo(b []byte) []byte {
	b = append(b, magic...)
	b = append(b, version, suite)
	b = append(b, h.KeyID[:]...)
	return append(b, h.Segmenting.MinLog, h.Segmenting.LowLog, h.Segmenting.HighLog, h.Segmenting.MaxLog)
}

func (h Header) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version %d, suite %d, key %s, segments %d to %d bytes", version, suite, h.KeyID, h.Segmenting.min(), h.Segmenting.max())
	return b.String()
}
