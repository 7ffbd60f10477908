package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// generator collects vectors by name.
type generator struct {
	t   testing.TB
	all map[string]vector
}

func (g *generator) add(name string, v vector) {
	g.t.Helper()
	if _, ok := g.all[name]; ok {
		g.t.Fatalf("two vectors are named %s", name)
	}
	v.keyID, v.dataKey = testID, testData
	g.all[name] = v
}

// bad adds a blob with one fault that shows without the key as well.
func (g *generator) bad(name, err, about string, blob []byte) {
	g.t.Helper()
	g.add(name, vector{about: about, err: err, structure: err, blob: blob})
}

// hidden adds a blob with a fault that shows only with the key.
func (g *generator) hidden(name, err, about string, blob []byte) {
	g.t.Helper()
	g.add(name, vector{about: about, err: err, structure: "none", blob: blob})
}

func (g *generator) good(name, about string, p, blob []byte, ours bool) {
	g.t.Helper()
	sum := sha256.Sum256(p)
	structure := "none"
	if len(blob) == 0 {
		structure = "ErrNotSealed"
	}
	g.add(name, vector{about: about, err: "none", structure: structure, size: len(p), sum: hex.EncodeToString(sum[:]), ours: ours, blob: blob})
}

func generateVectors(t testing.TB) map[string]vector {
	g := &generator{t: t, all: map[string]vector{}}
	g.headers()
	g.lengths()
	g.segments()
	g.payloads()
	g.cuts()
	g.trailers()
	g.goods()
	return g.all
}

// with returns a copy of b with the byte at i set.
func with(b []byte, i int, v byte) []byte {
	b = bytes.Clone(b)
	b[i] = v
	return b
}

func forge() *envelope.Forge { return envelope.NewForge(testKey, small) }

func (g *generator) headers() {
	blob := forge().Raw([]byte("secret")).Trailer()
	g.bad("header-plain", "ErrNotSealed", "a plain file", []byte("password: hunter2\n"))
	g.bad("header-magic-first", "ErrNotSealed", "the first byte of the magic changed", with(blob, 0, 1))
	g.bad("header-magic-last", "ErrNotSealed", "the last byte of the magic changed", with(blob, 13, '\n'))
	g.bad("header-magic-cut", "ErrNotSealed", "all but the last byte of the magic", blob[:13])
	g.bad("header-magic-only", "ErrTruncated", "the magic and nothing else", blob[:14])
	g.bad("header-version-0", "ErrVersion", "version 0", with(blob, 14, 0))
	g.bad("header-version-2", "ErrVersion", "version 2", with(blob, 14, 2))
	g.bad("header-version-2-short", "ErrVersion", "version 2, shorter than a version 1 header: the version comes first", with(blob, 14, 2)[:15])
	g.bad("header-version-only", "ErrTruncated", "ends behind the version", blob[:15])
	g.bad("header-suite-0", "ErrSuite", "suite 0", with(blob, 15, 0))
	g.bad("header-suite-2", "ErrSuite", "suite 2, cut short", with(blob, 15, 2)[:20])
	g.bad("header-cut", "ErrTruncated", "the header lacks its last byte", blob[:35])
	g.bad("header-min-5", "ErrHeader", "smallest segments below 64 bytes", with(blob, 32, 5))
	g.bad("header-min-over-low", "ErrHeader", "min above low", with(blob, 32, 8))
	g.bad("header-low-over-high", "ErrHeader", "low above high", with(blob, 33, 8))
	g.bad("header-high-over-max", "ErrHeader", "high above max", with(blob, 34, 9))
	g.bad("header-max-21", "ErrHeader", "largest segments above 1 MiB", with(blob, 35, 21))
	g.bad("header-max-255", "ErrHeader", "largest segments of 2^255 bytes", with(blob, 35, 255))
	g.hidden("header-key-id", "ErrKeyID", "the key id of another generation", with(blob, 31, 0xff))
	g.hidden("header-max-changed", "ErrSegmentTag", "another, valid max: the header is authenticated with each segment", with(blob, 35, 9))
}

func (g *generator) lengths() {
	f := forge()
	header := bytes.Clone(f.Out)
	blob := f.Raw([]byte("secret")).Trailer()
	trailer := len(blob) - envelope.RecordSize
	length := func(n uint32) []byte {
		b := bytes.Clone(blob)
		binary.BigEndian.PutUint32(b[envelope.HeaderSize:], n)
		return b
	}
	g.bad("length-none", "ErrTruncated", "a header and nothing else", header)
	g.bad("length-cut", "ErrTruncated", "three bytes of the first length", blob[:envelope.HeaderSize+3])
	g.bad("length-only", "ErrTruncated", "the first length and nothing else", blob[:envelope.HeaderSize+4])
	g.bad("length-1", "ErrSegmentLength", "room for a codec byte and no data", length(1))
	g.bad("length-max", "ErrTruncated", "the longest length there may be, of a shorter blob", length(257))
	g.bad("length-over-max", "ErrSegmentLength", "one more", length(258))
	g.bad("length-huge", "ErrSegmentLength", "4 GiB", length(0xffffffff))
	g.bad("length-huge-cut", "ErrSegmentLength", "4 GiB, and the blob ends there: the length comes first", length(0xffffffff)[:envelope.HeaderSize+4])
	g.bad("length-too-long", "ErrTruncated", "a length that swallows the trailer and wants more", length(100))
	g.hidden("length-swallows", "ErrSegmentTag", "a first length that ends where another segment starts",
		forge().Raw(bytes.Repeat([]byte{7}, 20)).Raw([]byte("x")).Trailer())
	g.all["length-swallows"] = g.swallow()
	g.bad("tag-cut", "ErrTruncated", "the tag lacks its last byte", blob[:envelope.HeaderSize+35])
	g.bad("ciphertext-none", "ErrTruncated", "length and tag without ciphertext", blob[:envelope.HeaderSize+36])
	g.bad("ciphertext-cut", "ErrTruncated", "the ciphertext lacks its last byte", blob[:trailer-1])
	g.bad("trailer-none", "ErrTruncated", "ends behind the last segment", blob[:trailer])
	g.bad("trailer-marker-only", "ErrTruncated", "the marker without a tag", blob[:trailer+4])
	g.bad("trailer-tag-cut", "ErrTruncated", "the trailer's tag lacks its last byte", blob[:len(blob)-1])
	g.bad("empty", "ErrEmpty", "no segment, and a trailer that fits", forge().Trailer())
	g.bad("empty-cut", "ErrEmpty", "no segment, and the trailer's tag missing: no segment comes first", forge().Trailer()[:envelope.HeaderSize+4])
}

// swallow joins two segments under the first one's tag.
func (g *generator) swallow() vector {
	v := g.all["length-swallows"]
	_, s, _ := split(g.t, v.blob)
	binary.BigEndian.PutUint32(v.blob[envelope.HeaderSize:], uint32(len(s[0])+len(s[1])-envelope.RecordSize))
	return v
}

func (g *generator) segments() {
	blob := forge().Raw([]byte("secret")).Trailer()
	at := envelope.HeaderSize
	g.hidden("tag-changed", "ErrSegmentTag", "the last bit of a tag flipped", with(blob, at+35, blob[at+35]^1))
	g.hidden("ciphertext-codec-changed", "ErrSegmentTag", "the codec's bit flipped in the ciphertext", with(blob, at+36, blob[at+36]^1))
	g.hidden("ciphertext-changed", "ErrSegmentTag", "the last bit of a ciphertext flipped", with(blob, at+42, blob[at+42]^1))
	other := testData
	other[0]++
	g.hidden("other-data-key", "ErrSegmentTag", "the same key id, another data key", envelope.NewForge(envelope.NewKey(testID, &other), small).Raw([]byte("secret")).Trailer())
	g.hidden("codec-2", "ErrCodec", "codec 2", forge().Segment([]byte("\x02secret"), 6).Trailer())
	g.hidden("codec-255", "ErrCodec", "codec 255", forge().Segment([]byte("\xffsecret"), 6).Trailer())
}

// run is a zstd block that repeats one byte; raw is one stored as it is.
func run(n int, b byte, last bool) []byte { return append(blockHeader(n, 1, last), b) }
func raw(p string, last bool) []byte      { return append(blockHeader(len(p), 0, last), p...) }

func blockHeader(n, kind int, last bool) []byte {
	h := n<<3 | kind<<1
	if last {
		h |= 1
	}
	return []byte{byte(h), byte(h >> 8), byte(h >> 16)}
}

// frame is a zstd frame with the given bytes for descriptor and size.
func frame(header string, blocks ...[]byte) []byte {
	return append([]byte("\x28\xb5\x2f\xfd"+header), join(blocks...)...)
}

func (g *generator) payloads() {
	one := func(frame []byte, size int) []byte {
		return forge().Segment(append([]byte{1}, frame...), size).Trailer()
	}
	x50 := bytes.Repeat([]byte("x"), 50)
	ok := frame("\x20\x32", run(50, 'x', true))
	g.good("frame-run", "a frame by hand: fifty times x (we store so little as it is)", x50, one(ok, 50), false)
	g.good("frame-blocks", "a frame of three blocks, one of them empty", append(x50, "secret"...),
		one(frame("\x20\x38", run(50, 'x', false), raw("", false), raw("secret", true)), 56), false)
	const e = "ErrPayload"
	g.hidden("frame-cut-magic", e, "the payload is part of a frame's magic", one(ok[:3], 50))
	g.hidden("frame-magic", e, "not a zstd frame", one(with(ok, 0, 0x29), 50))
	g.hidden("frame-skippable", e, "a skippable frame before the frame", one(join([]byte("\x50\x2a\x4d\x18\x01\x00\x00\x00s"), ok), 50))
	g.hidden("frame-skippable-after", e, "a skippable frame behind the frame", one(join(ok, []byte("\x50\x2a\x4d\x18\x01\x00\x00\x00s")), 50))
	g.hidden("frame-two", e, "two frames", one(join(frame("\x20\x19", run(25, 'x', true)), frame("\x20\x19", run(25, 'x', true))), 50))
	g.hidden("frame-empty-after", e, "an empty frame behind the frame", one(join(ok, frame("\x20\x00", raw("", true))), 50))
	g.hidden("frame-trailing", e, "a byte behind the frame", one(join(ok, []byte{0}), 50))
	g.hidden("frame-window", e, "a window descriptor", one(frame("\x00\x00", run(50, 'x', true)), 50))
	g.hidden("frame-window-size", e, "a window descriptor, and a size", one(frame("\x40\x00\x00\x00", run(256, 'x', true)), 256))
	g.hidden("frame-checksum", e, "a right checksum", one(append(frame("\x24\x32", run(50, 'x', true)), xxh64low(x50)...), 50))
	g.hidden("frame-dictionary", e, "a dictionary id", one(frame("\x21\x01\x32", run(50, 'x', true)), 50))
	g.hidden("frame-dictionary-0", e, "a dictionary id of 0, that is none", one(frame("\x21\x00\x32", run(50, 'x', true)), 50))
	g.hidden("frame-unused-bit", e, "the descriptor's unused bit", one(frame("\x30\x32", run(50, 'x', true)), 50))
	g.hidden("frame-reserved-bit", e, "the descriptor's reserved bit", one(frame("\x28\x32", run(50, 'x', true)), 50))
	g.hidden("frame-size-4", e, "a size in four bytes where one would do", one(frame("\xa0\x32\x00\x00\x00", run(50, 'x', true)), 50))
	g.hidden("frame-size-8", e, "a size in eight bytes", one(frame("\xe0\x32\x00\x00\x00\x00\x00\x00\x00", run(50, 'x', true)), 50))
	g.hidden("frame-size-cut", e, "ends within the size", one(frame("\x60\x00"), 256))
	g.hidden("frame-no-block", e, "no block", one(frame("\x20\x32"), 50))
	g.hidden("frame-block-cut", e, "a block that is cut short", one(frame("\x20\x32", raw("secret", true)[:8]), 50))
	g.hidden("frame-no-last", e, "no block is the last", one(frame("\x20\x32", run(50, 'x', false)), 50))
	g.hidden("frame-block-reserved", e, "a block of the reserved kind", one(frame("\x20\x32", blockHeader(0, 3, true)), 50))
	g.hidden("frame-block-garbage", e, "a compressed block that is none", one(frame("\x20\x32", blockHeader(6, 2, true), []byte("secret")), 50))
	g.hidden("frame-short", e, "declares more than it holds", one(frame("\x20\x33", run(50, 'x', true)), 51))
	g.hidden("frame-long", e, "declares less than it holds", one(frame("\x20\x31", run(50, 'x', true)), 49))
	g.hidden("frame-not-shorter", e, "a right frame, as long as what it holds", one(frame("\x20\x0a", run(10, 'x', true)), 10))
	g.hidden("frame-longer", e, "a right frame, longer than what it holds", one(frame("\x20\x06", raw("secret", true)), 6))
	g.hidden("frame-size-0", "ErrSegmentSize", "an empty segment", one(frame("\x20\x00", raw("", true)), 0))
	g.hidden("frame-over-max", "ErrSegmentSize", "one byte more than the largest segment", one(frame("\x60\x01\x00", run(257, 'x', true)), 257))
	g.hidden("frame-bomb", "ErrSegmentSize", "4 GiB from a few bytes", one(frame("\xa0\xff\xff\xff\xff", run(1<<17, 'x', true)), 1<<17))
	g.hidden("frame-bomb-hidden", e, "declares fifty bytes, holds a MiB", one(frame("\x20\x32", run(1<<17, 'x', false), run(1<<17, 'x', false), run(1<<17, 'x', false), run(1<<17, 'x', false),
		run(1<<17, 'x', false), run(1<<17, 'x', false), run(1<<17, 'x', false), run(1<<17, 'x', true)), 50))
}

// xxh64low is the frame checksum of fifty times x, computed once with the zstd library.
func xxh64low([]byte) []byte { return []byte{0xb1, 0xf8, 0x41, 0xb1} }

// pieces cuts p as the format says.
func pieces(p []byte, s envelope.Segmenting) (out [][]byte) {
	for o := 0; o < len(p); {
		n, _ := testKey.Cut(p[o:], s, uint64(o))
		out = append(out, p[o:o+n])
		o += n
	}
	return out
}

func (g *generator) cuts() {
	p := noise("cuts29", 1000)
	c := pieces(p, small)
	if len(c) < 4 || len(c[0])+len(c[1]) > 256 {
		g.t.Fatal("choose another text to cut")
	}
	rest := func(f *envelope.Forge, pieces [][]byte) []byte {
		for _, p := range pieces {
			f.Raw(p)
		}
		return f.Trailer()
	}
	g.good("cuts", "1000 random bytes in small segments", p, rest(forge(), c), true)
	g.hidden("cut-short", "ErrSegmentSize", "a first segment below the smallest size", rest(forge().Raw(c[0][:63]).Raw(c[0][63:]), c[1:]))
	n := len(c[0]) - 1
	g.hidden("cut-early", "ErrSegmentCut", "the first segment ends one byte too soon", rest(forge().Raw(c[0][:n]).Raw(p[n:len(c[0])+len(c[1])]), c[2:]))
	g.hidden("cut-late", "ErrSegmentCut", "the first segment ends one byte too late", rest(forge().Raw(p[:n+2]).Raw(p[n+2:len(c[0])+len(c[1])]), c[2:]))
	g.hidden("cut-missed", "ErrSegmentCut", "two segments in one", rest(forge().Raw(p[:len(c[0])+len(c[1])]), c[2:]))
	last := c[len(c)-1]
	if len(last) < 4 {
		g.t.Fatal("choose another text to cut")
	}
	g.hidden("cut-last", "ErrSegmentSize", "a cut near the end that the content does not ask for", rest(forge(), append(c[:len(c)-1:len(c)-1], last[:2], last[2:])))
	flat := make([]byte, 256)
	if n, _ := testKey.Cut(flat, small, 0); n != 256 {
		g.t.Fatal("zeros are cut")
	}
	g.hidden("cut-before-max", "ErrSegmentCut", "a segment without a cut, ended one byte before the largest size", forge().Raw(flat[:255]).Raw(flat[:2]).Trailer())
}

func (g *generator) trailers() {
	p := noise("cuts29", 1000)
	blob := sealWith(g.t, testKey, small, p)
	q := bytes.Clone(p)
	q[500] ^= 1
	other := sealWith(g.t, testKey, small, q)
	h, s, end := split(g.t, blob)
	_, s2, end2 := split(g.t, other)
	if len(s) != len(s2) || bytes.Equal(join(s...), join(s2...)) {
		g.t.Fatal("choose another text to cut")
	}
	const e = "ErrTrailer"
	build := func(segments [][]byte, end []byte) []byte { return join(h, join(segments...), end) }
	swapped := append([][]byte{s[1], s[0]}, s[2:]...)
	g.hidden("trailer-changed", e, "the last bit of the trailer flipped", with(blob, len(blob)-1, blob[len(blob)-1]^1))
	g.hidden("trailer-of-another", e, "the trailer of another blob under the same key", build(s, end2))
	g.hidden("trailer-swapped", e, "two segments change places", build(swapped, end))
	g.hidden("trailer-first-removed", e, "the first segment is missing", build(s[1:], end))
	g.hidden("trailer-last-removed", e, "the last segment is missing", build(s[:len(s)-1], end))
	g.hidden("trailer-repeated", e, "the first segment twice", build(append([][]byte{s[0]}, s...), end))
	g.hidden("trailer-spliced", e, "segments of another blob under the same key", build(s2, end))
	g.hidden("trailer-appended", "ErrSegmentSize", "a segment added behind the last", build(append(s[:len(s):len(s)], s[0]), end))
	f := forge().Raw([]byte("secret"))
	f.Segments++
	g.hidden("trailer-count", e, "a trailer that counts one segment more", f.Trailer())
	f = forge().Raw([]byte("secret"))
	f.Size++
	g.hidden("trailer-size", e, "a trailer that counts one byte more", f.Trailer())
	g.bad("trailing-byte", "ErrTrailing", "a NUL behind the blob", join(blob, []byte{0}))
	g.bad("trailing-newline", "ErrTrailing", "a newline behind the blob", join(blob, []byte("\n")))
	g.bad("trailing-blob", "ErrTrailing", "the blob twice", join(blob, blob))
}

func (g *generator) goods() {
	g.good("good-empty", "nothing", nil, nil, true)
	ours := func(name, about string, p []byte) {
		g.t.Helper()
		g.good("good-"+name, about, p, seal(g.t, p), true)
	}
	s := envelope.Standard
	zeros := make([]byte, 2*s.MaxSegment())
	ours("1", "one byte", []byte("x"))
	ours("63", "too small to try compression", zeros[:63])
	ours("64", "just large enough to try compression", zeros[:64])
	ours("255", "a frame with a size of one byte", zeros[:255])
	ours("256", "a frame with a size of two bytes", zeros[:256])
	ours("text", "a small text", yamlText(500))
	ours("noise", "a segment stored as it is", noise("good", 200))
	for _, size := range []struct {
		name string
		n    int
	}{{"min", s.MinSegment()}, {"max", s.MaxSegment()}} {
		ours(size.name+"-minus-1", "one byte less than the "+size.name+" segment", zeros[:size.n-1])
		ours(size.name, "the "+size.name+" segment", zeros[:size.n])
		ours(size.name+"-plus-1", "one byte more than the "+size.name+" segment", zeros[:size.n+1])
	}
	ours("max-twice", "two largest segments, and no empty third", zeros)
	ours("segments", "text of several segments", yamlText(20000))
	g.good("stored", "text stored as it is although it would compress", yamlText(100), forge().Raw(yamlText(100)).Trailer(), false)
	one := envelope.Segmenting{MinLog: 6, LowLog: 6, HighLog: 6, MaxLog: 6}
	g.good("params-least", "all segments have 64 bytes", noise("least", 200), sealWith(g.t, testKey, one, noise("least", 200)), true)
	most := envelope.Segmenting{MinLog: 20, LowLog: 20, HighLog: 20, MaxLog: 20}
	mib := make([]byte, 1<<20+1)
	g.good("params-most", "a segment of a MiB, several zstd blocks, a size of four bytes", mib, sealWith(g.t, testKey, most, mib), true)
	steps := envelope.Segmenting{MinLog: 6, LowLog: 6, HighLog: 10, MaxLog: 11}
	long := bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyz \n"), 900)
	g.good("params-steps", "segments that grow with the offset", long, sealWith(g.t, testKey, steps, long), true)
}
