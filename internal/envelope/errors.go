package envelope

import "errors"

// ErrDamaged is the parent of every fault of the format: all errors below match
// it under errors.Is. An error of the underlying reader (a failing disk, a
// broken pipe) is no fault of the format and does not match.
var ErrDamaged = errors.New("sealed data is damaged")

// The faults. docs/format.md says for each what brings it about and in which
// order they are looked for, so that two readers name the same fault.
var (
	// ErrNotSealed: the data does not start with the magic.
	ErrNotSealed = fault("data is not sealed by git-envelope")
	// ErrVersion: a version this program does not know, so a newer program made
	// it. Callers may want to advise an upgrade before they call it damaged.
	ErrVersion = fault("sealed data has a format version this program does not know")
	// ErrSuite: version 1, but another suite of algorithms.
	ErrSuite = fault("sealed data uses a suite of algorithms this program does not know")
	// ErrHeader: the segmenting parameters are out of bounds.
	ErrHeader = fault("sealed data has a header with impossible parameters")
	// ErrKeyID: the blob names another key than the Reader was given.
	ErrKeyID = fault("sealed data names another key")
	// ErrTruncated: the data ends before its trailer does.
	ErrTruncated = fault("sealed data ends early")
	// ErrSegmentLength: a length field no segment can have.
	ErrSegmentLength = fault("sealed data has a segment of impossible length")
	// ErrSegmentTag: a segment's bytes or tag were changed.
	ErrSegmentTag = fault("sealed data has a segment that is not authentic")
	// ErrCodec: an unknown codec byte.
	ErrCodec = fault("sealed data has a segment with an unknown codec")
	// ErrPayload: not the one zstd frame allowed, or it does not decompress.
	ErrPayload = fault("sealed data has a segment that does not decompress")
	// ErrSegmentSize: the plaintext of a segment is too short or too long.
	ErrSegmentSize = fault("sealed data has a segment of the wrong plaintext size")
	// ErrSegmentCut: a segment does not end where its content says.
	ErrSegmentCut = fault("sealed data is cut in the wrong place")
	// ErrTrailer: segments were removed, repeated, reordered or mixed.
	ErrTrailer = fault("sealed data has segments that do not belong together")
	// ErrEmpty: a header and a trailer with nothing in between.
	ErrEmpty = fault("sealed data holds no segment")
	// ErrTrailing: something follows the trailer.
	ErrTrailing = fault("sealed data is followed by other data")
)

// fault is one way in which sealed data can be wrong.
type fault string

func (f fault) Error() string        { return string(f) }
func (f fault) Is(target error) bool { return target == ErrDamaged }
