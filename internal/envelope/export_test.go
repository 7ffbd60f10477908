package envelope

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// What the tests of package envelope_test may reach.

const (
	MagicSize  = len(magic)
	RecordSize = recordSize
	ReadSize   = readSize
)

var Standard = standard

// NewWriterWith seals with other segmenting parameters than a release would.
func NewWriterWith(dst io.Writer, k *Key, s Segmenting) *Writer { return newWriter(dst, k, s) }

// Encode is the payload a Writer makes of a segment.
func Encode(p []byte) []byte { return encode(nil, p, nil) }

// FreshEncode is Encode with an encoder nobody used before.
func FreshEncode(p []byte) []byte {
	saved := encoders
	defer func() { encoders = saved }()
	encoders = &sync.Pool{New: func() any { return newEncoder(level) }}
	return Encode(p)
}

// UseLevel makes Writers compress at another level until undo is called.
func UseLevel(l zstd.EncoderLevel) (undo func()) {
	saved := encoders
	encoders = &sync.Pool{New: func() any { return newEncoder(l) }}
	return func() { encoders = saved }
}

// Cut is where the segment at the start of p ends.
func (k *Key) Cut(p []byte, s Segmenting, offset uint64) (int, bool) { return k.gear.cut(p, s, offset) }

// Forge builds blobs that a Writer never would, with valid tags.
type Forge struct {
	e              *engine
	Out            []byte
	Segments, Size uint64
}

// NewForge starts a blob with a header.
func NewForge(k *Key, s Segmenting) *Forge {
	e := k.engine()
	h := Header{KeyID: k.id, Segmenting: s}
	e.begin(h)
	return &Forge{e: e, Out: h.appendTo(nil)}
}

// Segment adds a segment of any payload that claims size bytes of plaintext.
func (f *Forge) Segment(payload []byte, size int) *Forge {
	tag := f.e.tag(payload)
	at := len(f.Out)
	f.Out = binary.BigEndian.AppendUint32(f.Out, uint32(len(payload)))
	f.Out = append(f.Out, tag...)
	f.e.trailer.Write(f.Out[at:])
	f.Out = append(f.Out, payload...)
	f.e.crypt(f.Out[at+recordSize:], tag)
	f.Segments++
	f.Size += uint64(size)
	return f
}

// Raw adds a segment stored as it is.
func (f *Forge) Raw(p []byte) *Forge { return f.Segment(append([]byte{codecRaw}, p...), len(p)) }

// Trailer ends the blob and returns it.
func (f *Forge) Trailer() []byte {
	f.Out = append(f.Out, 0, 0, 0, 0)
	return append(f.Out, f.e.end(f.Segments, f.Size)...)
}
