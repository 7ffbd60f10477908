package envelope

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
)

// engine is the working state of one Writer or Reader: the keyed hashes, which
// are cheaper to reset than to make, and buffers. Engines are reused through
// their Key.
type engine struct {
	key               *Key
	mac, enc, trailer hash.Hash
	header            [HeaderSize]byte
	record            [recordSize]byte
	sum, segKey       [sha256.Size]byte
	info              [len(labelSegment) + tagSize + 1]byte
	numbers           [16]byte
	plain             []byte // writer: plaintext not cut yet; reader: decompressed segment
	payload           []byte // writer: payload of the present segment; reader: ciphertext, then payload
	scratch           []byte // what decompresses
	out               []byte // writer: sealed bytes not written yet
	records           []byte // writer: lengths and tags the trailer has not seen yet
	in                *bufio.Reader
}

// readSize is the buffer before the source of a Reader or of Inspect.
const readSize = 16 << 10

func (k *Key) engine() *engine {
	if e, ok := k.engines.Get().(*engine); ok {
		e.trailer.Reset()
		return e
	}
	return &engine{
		key:     k,
		mac:     hmac.New(sha256.New, k.mac[:]),
		enc:     hmac.New(sha256.New, k.enc[:]),
		trailer: hmac.New(sha256.New, k.trailer[:]),
	}
}

// keepBuffer is the largest buffer an idle engine keeps: enough for the small
// files that come by the thousand, little enough to overwrite each time.
const keepBuffer = 16 << 10

// release hands the engine back. What held plaintext is overwritten: a
// courtesy, since the runtime and the codec may have kept copies.
func (e *engine) release() {
	for _, b := range []*[]byte{&e.plain, &e.payload, &e.scratch, &e.out, &e.records} {
		clear((*b)[:cap(*b)])
		if *b = (*b)[:0]; cap(*b) > keepBuffer {
			*b = nil
		}
	}
	clear(e.segKey[:])
	if e.in != nil {
		e.in.Reset(nil)
	}
	e.key.engines.Put(e)
}

// reader puts a buffer before src.
func (e *engine) reader(src io.Reader) *bufio.Reader {
	if e.in == nil {
		e.in = bufio.NewReaderSize(src, readSize)
	}
	e.in.Reset(src)
	return e.in
}

// tag is HMAC-SHA-256(K_mac, header ‖ payload), valid until the next call.
func (e *engine) tag(payload []byte) []byte {
	e.mac.Reset()
	e.mac.Write(e.header[:])
	e.mac.Write(payload)
	return e.mac.Sum(e.sum[:0])
}

// crypt encrypts or decrypts in place under the key that belongs to tag:
// HKDF-Expand(K_enc, label ‖ tag, 32), written out because its one block is a
// single HMAC over label ‖ tag ‖ 1 and we keep that hash's state.
func (e *engine) crypt(b, tag []byte) {
	e.enc.Reset()
	info := append(e.info[:0], labelSegment...)
	e.enc.Write(append(append(info, tag...), 1))
	key := e.enc.Sum(e.segKey[:0])
	ctr(key).XORKeyStream(b, b)
}

// seal appends the sealed segment p to e.out, and what the trailer needs of it
// to e.records.
func (e *engine) seal(p []byte) {
	if cap(e.scratch) < len(p)+frameOverhead {
		e.scratch = make([]byte, 0, len(p)+frameOverhead)
	}
	e.payload = encode(e.payload[:0], p, e.scratch)
	tag := e.tag(e.payload)
	at := len(e.out)
	e.out = binary.BigEndian.AppendUint32(e.out, uint32(len(e.payload)))
	e.out = append(e.out, tag...)
	e.records = append(e.records, e.out[at:]...)
	e.out = append(e.out, e.payload...)
	e.crypt(e.out[at+recordSize:], tag)
}

// begin starts a blob with the given header.
func (e *engine) begin(h Header) {
	h.appendTo(e.header[:0])
	e.trailer.Reset()
	e.trailer.Write(e.header[:])
}

// end is the tag of the trailer: over the header, length and tag of every
// segment, their number and the size of the plaintext. Valid until the next call.
func (e *engine) end(segments, size uint64) []byte {
	binary.BigEndian.PutUint64(e.numbers[:8], segments)
	binary.BigEndian.PutUint64(e.numbers[8:], size)
	e.trailer.Write(e.numbers[:])
	return e.trailer.Sum(e.sum[:0])
}
