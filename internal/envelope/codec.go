package envelope

import (
	"bytes"
	"encoding/binary"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Codecs: the first byte of a payload says how the rest holds the plaintext.
const (
	codecRaw  = 0
	codecZstd = 1
)

// level is frozen like the segmenting parameters: another level would seal the
// same plaintext to other bytes. docs/decisions/0002 has the figures.
const level = zstd.SpeedFastest

// compressFrom is the size below which a writer does not try to compress: less
// than that hardly ever shrinks, and a process that sees only such files need
// not build an encoder.
const compressFrom = 64

// frameOverhead is what the fast decoder may want behind the last byte.
const frameOverhead = 64

// Encoders and decoders are large and costly to make, so they are made when
// first needed and shared. Each works alone: goroutines of its own would
// outlive us.
var (
	encoders = &sync.Pool{New: func() any { return newEncoder(level) }}
	decoders = &sync.Pool{New: func() any { return newDecoder() }}
)

func newEncoder(l zstd.EncoderLevel) *zstd.Encoder {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(l),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false),   // the tag authenticates more than a checksum could
		zstd.WithSingleSegment(true), // declares the size, and the window is no larger
		zstd.WithWindowSize(1<<maxLog),
		zstd.WithAllLitEntropyCompression(true), // base64 has no matches, but a quarter of it is air
	)
	if err != nil {
		panic("envelope: internal error: " + err.Error())
	}
	return e
}

func newDecoder() *zstd.Decoder {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(1<<maxLog),
		zstd.WithDecoderMaxWindow(1<<maxLog),
		zstd.WithDecodeAllCapLimit(true),
	)
	if err != nil {
		panic("envelope: internal error: " + err.Error())
	}
	return d
}

// encode appends the payload for the plaintext p to dst: compressed if that is
// shorter, else as it is. scratch is room for what decompresses.
//
// The frame is decompressed again before it is trusted. The plaintext of a
// secret may exist nowhere else once it is checked out anew, so a fault of the
// encoder or of the machine must show now; restic verifies for the same reason.
func encode(dst, p, scratch []byte) []byte {
	if len(p) >= compressFrom {
		e := encoders.Get().(*zstd.Encoder)
		out := e.EncodeAll(p, append(dst, codecZstd))
		encoders.Put(e)
		if frame := out[len(dst)+1:]; len(frame) < len(p) {
			back, err := unzstd(scratch, frame, len(p))
			if err == nil && bytes.Equal(back, p) {
				return out
			}
		}
	}
	return append(append(dst, codecRaw), p...)
}

// decode returns the plaintext of a payload, which it may share, or puts it in
// scratch. The payload is authentic and has at least two bytes, at most
// s.max()+1.
func decode(scratch, payload []byte, s Segmenting) ([]byte, error) {
	data := payload[1:]
	switch payload[0] {
	case codecRaw:
		return data, nil
	case codecZstd:
		size, err := frameSize(data)
		switch {
		case err != nil:
			return nil, err
		case size == 0 || size > uint64(s.max()):
			return nil, ErrSegmentSize
		case uint64(len(data)) >= size:
			return nil, ErrPayload // stored would have been shorter
		}
		return unzstd(scratch, data, int(size))
	default:
		return nil, ErrCodec
	}
}

// unzstd decompresses one frame into scratch, grown to hold exactly size bytes
// and what the decoder needs beside them.
func unzstd(scratch, frame []byte, size int) ([]byte, error) {
	if cap(scratch) < size+frameOverhead {
		scratch = make([]byte, 0, size+frameOverhead)
	}
	d := decoders.Get().(*zstd.Decoder)
	defer decoders.Put(d)
	p, err := d.DecodeAll(frame, scratch[:0])
	if err != nil || len(p) != size {
		return nil, ErrPayload
	}
	return p, nil
}

const (
	frameMagic = "\x28\xb5\x2f\xfd"
	// The frame header descriptor for each width of the content size: single
	// segment, no checksum, no dictionary, reserved bits zero.
	descriptor1 = 0x20
	descriptor2 = 0x60
	descriptor4 = 0xa0
)

// frameSize reads the declared size of a zstd frame and checks the frame's
// outline: the one header form we allow, the size in the shortest form, blocks
// that end where the data does. The decoder alone would accept several frames,
// skippable ones and other headers, each another encoding of the same bytes.
func frameSize(f []byte) (uint64, error) {
	size, rest, ok := frameHeader(f)
	if !ok {
		return 0, ErrPayload
	}
	for {
		if len(rest) < 3 {
			return 0, ErrPayload
		}
		h := uint(rest[0]) | uint(rest[1])<<8 | uint(rest[2])<<16
		last, kind, n := h&1 == 1, h>>1&3, h>>3
		if kind == 1 { // run of one byte
			n = 1
		}
		if kind == 3 || n > uint(len(rest)-3) {
			return 0, ErrPayload
		}
		rest = rest[3+n:]
		if last {
			break
		}
	}
	if len(rest) != 0 {
		return 0, ErrPayload
	}
	return size, nil
}

func frameHeader(f []byte) (size uint64, rest []byte, ok bool) {
	if len(f) < 5 || string(f[:4]) != frameMagic {
		return 0, nil, false
	}
	rest = f[5:]
	switch d := f[4]; {
	case d == descriptor1 && len(rest) >= 1:
		return uint64(rest[0]), rest[1:], true
	case d == descriptor2 && len(rest) >= 2:
		return uint64(binary.LittleEndian.Uint16(rest)) + 256, rest[2:], true
	case d == descriptor4 && len(rest) >= 4:
		size = uint64(binary.LittleEndian.Uint32(rest))
		return size, rest[4:], size >= 1<<16+256
	}
	return 0, nil, false
}
