package decode

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// headBytes are decoded to see whether a run is worth more.
	headBytes = 12
	// headFaults is how many of them may be no text: SASL's "\0user\0password" has two.
	headFaults = 2
)

// What the beginning of a decoded run is.
type content uint8

const (
	nothing content = iota
	plain
	wideLE // UTF-16, little endian first byte
	wideBE
	container // a compressed file or archive
)

var magics = [][]byte{
	{0x1f, 0x8b, 0x08},       // gzip
	[]byte("PK\x03\x04"),     // zip
	{0x28, 0xb5, 0x2f, 0xfd}, // zstd
	[]byte("BZh"),            // bzip2: text as well
	[]byte("\xfd7zXZ\x00"),   // xz
	[]byte("7z\xbc\xaf\x27\x1c"),
}

// judge tells what begins with head: headBytes, or all there is.
func judge(head []byte) content {
	if isContainer(head) {
		return container
	}
	n, _ := faults(head, headFaults)
	switch {
	case n == 0 || n <= headFaults && len(head) >= headBytes:
		return plain
	case len(head) >= headBytes:
		return wide(head)
	}
	return nothing
}

func isContainer(head []byte) bool {
	for _, m := range magics {
		if head[0] == m[0] && bytes.HasPrefix(head, m) {
			return true
		}
	}
	return false
}

// wide tells UTF-16 by its zeros: a run of ASCII has one in each unit.
func wide(head []byte) content {
	if head[0] == 0xff && head[1] == 0xfe {
		return wideLE
	}
	if head[0] == 0xfe && head[1] == 0xff {
		return wideBE
	}
	little, big := 0, 0
	for i := 0; i+1 < len(head); i += 2 {
		switch {
		case head[i+1] == 0 && printable(head[i]):
			little++
		case head[i] == 0 && printable(head[i+1]):
			big++
		}
	}
	switch most := len(head)/2 - 1; {
	case little >= most:
		return wideLE
	case big >= most:
		return wideBE
	}
	return nothing
}

// narrow makes UTF-8 of UTF-16. It answers nil if that is not mostly
// ASCII: other scripts could grow, and random bytes are no text.
func narrow(b []byte, c content) []byte {
	unit := binary.LittleEndian.Uint16
	if c == wideBE {
		unit = binary.BigEndian.Uint16
	}
	ascii := 0
	for i := 0; i+1 < len(b); i += 2 {
		if unit(b[i:]) < utf8.RuneSelf {
			ascii++
		}
	}
	if ascii*8 < len(b)*3 { // three quarters of the units
		return nil
	}
	out := make([]byte, 0, len(b)/2+8)
	for i := 0; i+1 < len(b); {
		r := rune(unit(b[i:]))
		i += 2
		if utf16.IsSurrogate(r) && i+1 < len(b) {
			r = utf16.DecodeRune(r, rune(unit(b[i:])))
			i += 2
		}
		if r != 0xfeff {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func printable(c byte) bool { return c >= ' ' && c < 0x7f || c == '\n' || c == '\t' || c == '\r' }

// faults counts what is no text in b, up to one more than most, and tells where
// the one behind most is. A character cut off by the end is no fault.
func faults(b []byte, most int) (n, at int) {
	for i := 0; i < len(b); {
		size := 1
		if !printable(b[i]) {
			ok := false
			if b[i] >= utf8.RuneSelf {
				var r rune
				r, size = utf8.DecodeRune(b[i:])
				ok = r != utf8.RuneError || !utf8.FullRune(b[i:])
				ok = ok && (r < 0x80 || r > 0x9f) // no control characters
			}
			if !ok {
				if n++; n > most {
					return n, i
				}
			}
		}
		i += size
	}
	return n, len(b)
}
