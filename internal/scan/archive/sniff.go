package archive

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	tarBlock     = 512
	directoryEnd = 22 // of a zip, without its comment
)

var magics = []struct{ magic, kind string }{
	{"PK\x03\x04", "zip"},
	{"PK\x05\x06", "zip"},     // empty
	{"PK\x07\x08PK", "zip"},   // one that was to be split
	{"PK00PK\x03\x04", "zip"}, // the same, not split after all
	{"\x1f\x8b\x08", "gzip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xfd7zXZ\x00", "xz"},
	{"7z\xbc\xaf\x27\x1c", "7z"},
	{"Rar!\x1a\x07", "rar"},
}

// Sniff tells what begins with head, of which 512 bytes are enough: "zip", "tar",
// "gzip", "zstd", "bzip2"; "xz", "7z" and "rar", which Walk can't open; or "".
func Sniff(head []byte) string {
	for _, m := range magics {
		if len(head) >= len(m.magic) && string(head[:len(m.magic)]) == m.magic {
			return m.kind
		}
	}
	switch {
	case isBzip2(head):
		return "bzip2"
	case isTar(head):
		return "tar"
	case isZstdSkippable(head):
		return "zstd"
	}
	return ""
}

// maxComment is the longest comment at the end of a zip.
const maxComment = 1<<16 - 1

// SniffEnd tells an archive by its last bytes: a zip may follow a program or a
// script.
func SniffEnd(tail []byte) string {
	tail = tail[max(0, len(tail)-directoryEnd-maxComment):]
	last := -1
	// Text has no byte of 5, so that this is one quick pass over it.
	for i := 0; ; i++ {
		n := bytes.IndexByte(tail[i:], 5)
		if n < 0 {
			break
		}
		if i += n; i >= 2 && bytes.HasPrefix(tail[i-2:], []byte("PK\x05\x06")) {
			last = i - 2
		}
	}
	if last < 0 || len(tail)-last < directoryEnd {
		return ""
	}
	if comment := int(tail[last+20]) | int(tail[last+21])<<8; len(tail)-last-directoryEnd < comment {
		return ""
	}
	return "zip"
}

// isBzip2 wants the mark of the first block, or of the end, behind the level.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// isZstdSkippable tells a frame without data, as some tools write first.
func isZstdSkippable(head []byte) bool {
	return len(head) >= 8 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18"
}

// isTar tells a tar by its magic or, for the oldest, by the sum over its header.
func isTar(head []byte) bool {
	if len(head) >= 262 && string(head[257:262]) == "ustar" {
		return true
	}
	if len(head) < tarBlock || head[0] == 0 {
		return false
	}
	field := strings.Trim(string(head[148:156]), " \x00")
	want, err := strconv.ParseUint(field, 8, 32)
	if err != nil {
		return false
	}
	var sum uint64
	for i, c := range head[:tarBlock] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += uint64(c)
	}
	return sum == want
}
