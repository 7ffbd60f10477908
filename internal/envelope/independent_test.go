package envelope_test

import (
	"bytes"
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"io"
	"math/big"
)

// This file is a second reader of the format, written from docs/format.md and
// from nothing else. It shares no code with the package, takes the whole blob
// in memory, says names for errors, and prefers the page's equations to speed:
// counter mode block by block, cuts by the sum, HKDF from its definition. For
// zstd it uses the decoder inside Go's debug/elf, not the library we ship.
//
// Do not mend it to agree with the package: mend the page, then whichever is wrong.

func mac256(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// expand32 is HKDF-Expand for 32 bytes: one round.
func expand32(prk []byte, info ...[]byte) []byte {
	return mac256(prk, append(info, []byte{1})...)
}

func keystream(key []byte, n int) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	var out []byte
	for i := uint64(0); len(out) < n; i++ {
		var counter, b [16]byte
		binary.BigEndian.PutUint64(counter[8:], i)
		block.Encrypt(b[:], counter[:])
		out = append(out, b[:]...)
	}
	return out[:n]
}

type specReader struct {
	keyID, dataKey      []byte
	mac, enc, trail     []byte
	words               [256]uint64
	header              []byte
	min, low, high, max int // log2
	plain, records      []byte
	segments, lastN     int
	lastHadReason       bool
}

// specOpen opens a blob, or names the error. With structureOnly it works as one
// without the key.
func specOpen(blob, keyID, dataKey []byte, structureOnly bool) (plain []byte, fault string) {
	r := &specReader{keyID: keyID, dataKey: dataKey}
	r.derive()
	if len(blob) == 0 {
		if structureOnly {
			return nil, "ErrNotSealed"
		}
		return nil, "none"
	}
	if fault := r.readHeader(blob, structureOnly); fault != "" {
		return nil, fault
	}
	fault = r.readSegments(blob[36:], structureOnly)
	if fault != "none" {
		return nil, fault
	}
	return r.plain, fault
}

func (r *specReader) derive() {
	prk := mac256(r.keyID, r.dataKey)
	r.mac = expand32(prk, []byte("git-envelope/v1/segment-mac"))
	r.enc = expand32(prk, []byte("git-envelope/v1/segment-enc"))
	r.trail = expand32(prk, []byte("git-envelope/v1/trailer"))
	stream := keystream(expand32(prk, []byte("git-envelope/v1/chunking")), 2048)
	for i := range r.words {
		r.words[i] = new(big.Int).SetBytes(stream[8*i : 8*i+8]).Uint64()
	}
}

func (r *specReader) readHeader(b []byte, structureOnly bool) string {
	magic := []byte{0x00, 0x67, 0x69, 0x74, 0x2d, 0x65, 0x6e, 0x76, 0x65, 0x6c, 0x6f, 0x70, 0x65, 0x00}
	switch {
	case !bytes.HasPrefix(b, magic):
		return "ErrNotSealed"
	case len(b) > 14 && b[14] != 1:
		return "ErrVersion"
	case len(b) > 15 && b[15] != 1:
		return "ErrSuite"
	case len(b) < 36:
		return "ErrTruncated"
	}
	r.header = b[:36]
	r.min, r.low, r.high, r.max = int(b[32]), int(b[33]), int(b[34]), int(b[35])
	if r.min < 6 || r.low < r.min || r.high < r.low || r.max < r.high || r.max > 20 {
		return "ErrHeader"
	}
	if !structureOnly && !bytes.Equal(b[16:32], r.keyID) {
		return "ErrKeyID"
	}
	return ""
}

func (r *specReader) readSegments(b []byte, structureOnly bool) string {
	for {
		if len(b) < 4 {
			return "ErrTruncated"
		}
		length := int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])
		switch {
		case length == 1 || length > 1<<r.max+1:
			return "ErrSegmentLength"
		case length == 0 && r.segments == 0:
			return "ErrEmpty"
		case int64(len(b)) < 36+length:
			return "ErrTruncated"
		}
		if length == 0 {
			return r.readTrailer(b, structureOnly)
		}
		if !structureOnly {
			if fault := r.segment(b[:36], b[36:36+length]); fault != "" {
				return fault
			}
		}
		r.segments++
		b = b[36+length:]
	}
}

func (r *specReader) segment(record, ciphertext []byte) string {
	tag := record[4:36]
	payload := keystream(expand32(r.enc, []byte("git-envelope/v1/segment"), tag), len(ciphertext))
	for i := range payload {
		payload[i] ^= ciphertext[i]
	}
	if !bytes.Equal(mac256(r.mac, r.header, payload), tag) {
		return "ErrSegmentTag"
	}
	r.records = append(r.records, record...)
	if r.segments > 0 && r.lastN < 1<<r.min {
		return "ErrSegmentSize"
	}
	if r.segments > 0 && !r.lastHadReason {
		return "ErrSegmentCut"
	}
	x, fault := r.decode(payload[0], payload[1:])
	if fault != "" {
		return fault
	}
	end, reason := r.end(x)
	if end != len(x) {
		return "ErrSegmentCut"
	}
	r.lastN, r.lastHadReason = len(x), reason
	r.plain = append(r.plain, x...)
	return ""
}

func (r *specReader) decode(codec byte, d []byte) ([]byte, string) {
	switch codec {
	case 0:
		return d, ""
	case 1:
	default:
		return nil, "ErrCodec"
	}
	size, ok := outline(d)
	switch {
	case !ok:
		return nil, "ErrPayload"
	case size == 0 || size > 1<<r.max:
		return nil, "ErrSegmentSize"
	case len(d) >= size:
		return nil, "ErrPayload"
	}
	x, err := unzstdELF(d, size)
	if err != nil || len(x) != size {
		return nil, "ErrPayload"
	}
	return x, ""
}

// outline checks the form of a frame and returns its declared size.
func outline(d []byte) (declared int, ok bool) {
	var size int64 // a declared size may not fit an int
	if !bytes.HasPrefix(d, []byte{0x28, 0xb5, 0x2f, 0xfd}) || len(d) < 5 {
		return 0, false
	}
	widths := map[byte]int{0x20: 1, 0x60: 2, 0xa0: 4}
	width, known := widths[d[4]]
	if !known || len(d) < 5+width {
		return 0, false
	}
	for i := width - 1; i >= 0; i-- {
		size = size<<8 | int64(d[5+i])
	}
	if width == 2 {
		size += 256
	}
	if width == 4 && size < 65792 {
		return 0, false
	}
	for at := 5 + width; at+3 <= len(d); {
		h := int(d[at]) | int(d[at+1])<<8 | int(d[at+2])<<16
		n := h >> 3
		switch h >> 1 & 3 {
		case 1:
			n = 1
		case 3:
			return 0, false
		}
		at += 3 + n
		if h&1 == 1 {
			return int(min(size, 1<<30)), at == len(d)
		}
	}
	return 0, false
}

// end applies the rule for cuts to the segment x, which starts where the
// plaintext so far ends.
func (r *specReader) end(x []byte) (n int, reason bool) {
	log := 0
	for o := len(r.plain); o > 1; o /= 2 {
		log++
	}
	u := min(max(log-5, r.low), r.high)
	for n := 1 << r.min; n <= len(x); n++ {
		bits := u - 2
		if n < 1<<u {
			bits = u + 2
		}
		var h uint64
		for j := range 64 {
			h += r.words[x[n-1-j]] << j
		}
		if h < 1<<(64-bits) || n == 1<<r.max {
			return n, true
		}
	}
	return len(x), false
}

func (r *specReader) readTrailer(b []byte, structureOnly bool) string {
	if !structureOnly {
		var numbers [16]byte
		binary.BigEndian.PutUint64(numbers[:8], uint64(r.segments))
		binary.BigEndian.PutUint64(numbers[8:], uint64(len(r.plain)))
		if !bytes.Equal(mac256(r.trail, r.header, r.records, numbers[:]), b[4:36]) {
			return "ErrTrailer"
		}
	}
	if len(b) > 36 {
		return "ErrTrailing"
	}
	return "none"
}

// unzstdELF decompresses by way of an ELF file with one compressed section.
func unzstdELF(frame []byte, size int) ([]byte, error) {
	const names = "\x00.x\x00.shstrtab\x00"
	le := binary.LittleEndian
	body := le.AppendUint32(nil, uint32(elf.COMPRESS_ZSTD)) // Chdr64
	body = le.AppendUint32(body, 0)
	body = le.AppendUint64(body, uint64(size))
	body = le.AppendUint64(body, 1)
	body = append(body, frame...)
	var f bytes.Buffer
	header := elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
		Shoff: 64, Ehsize: 64, Shentsize: 64, Shnum: 3, Shstrndx: 2,
	}
	const data = 64 + 3*64
	sections := []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_COMPRESSED), Off: data, Size: uint64(len(body))},
		{Name: 4, Type: uint32(elf.SHT_STRTAB), Off: uint64(data + len(body)), Size: uint64(len(names))},
	}
	if err := binary.Write(&f, le, header); err != nil {
		return nil, err
	}
	if err := binary.Write(&f, le, sections); err != nil {
		return nil, err
	}
	f.Write(body)
	f.WriteString(names)
	file, err := elf.NewFile(bytes.NewReader(f.Bytes()))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(file.Section(".x").Open(), int64(size)+1))
}
