package scan

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

var hidden = "abc_" + strings.Repeat("89ab", 3)

// widened is a text as UTF-16 or UTF-32.
func widened(text string, unit int, order binary.AppendByteOrder) (out []byte) {
	if unit == 4 {
		for _, c := range text {
			out = order.AppendUint32(out, uint32(c))
		}
		return out
	}
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func TestWide(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	for _, w := range wides {
		order := binary.AppendByteOrder(binary.LittleEndian)
		if w.order == binary.ByteOrder(binary.BigEndian) {
			order = binary.BigEndian
		}
		for _, mark := range []string{"", "\ufeff"} {
			before := mark + "first é line\n key = "
			if w.unit == 2 {
				before = mark + "first 😀 line\n key = "
			}
			text := widened(before+hidden+"\nlast\n", w.unit, order)
			offset := int64(len(widened(before, w.unit, order)))
			col := len(widened(" key = ", w.unit, order)) + 1
			want := []place{{"seq-fixed", offset, 2, col, hidden, w.name}}
			if got := only(scanAll(t, s, bytes.NewReader(text)), w.name); !slices.Equal(got, want) {
				t.Errorf("%s, mark %q: got %v, want %v", w.name, mark, got, want)
			}
		}
	}
}

// TestWideLarge: places stay right over several windows.
func TestWideLarge(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	before := strings.Repeat(strings.Repeat("é", 99)+"\n", 20000) + "x = "
	text := widened("\ufeff"+before+hidden+"\n", 2, binary.BigEndian)
	want := []place{{"seq-fixed", 2 * (1 + 100*20000 + 4), 20001, 9, hidden, "utf-16be"}}
	if got := only(scanAll(t, s, bytes.NewReader(text)), "utf-16be"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// only leaves out what was found a second time in another way.
func only(all []place, via string) []place {
	return slices.DeleteFunc(all, func(p place) bool { return p.via != via })
}

// TestWideMarkLies: text of one byte a character behind a mark is found all the same.
func TestWideMarkLies(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	for _, m := range marks {
		if got := scanAll(t, s, strings.NewReader(m+" "+hidden)); len(got) != 1 || got[0].via != "" {
			t.Errorf("%q: %v", m, got)
		}
	}
}

func TestEncoded(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	once := base64.StdEncoding.EncodeToString([]byte("key: " + hidden + "\n"))
	nest := func(n int) string {
		text := "key: " + hidden + "\n"
		for range n {
			text = "data: " + base64.StdEncoding.EncodeToString([]byte(text)) + "\n"
		}
		return text
	}
	for name, c := range map[string]struct{ text, via string }{
		"base64":        {"a: " + once + "\n", "base64"},
		"hex":           {"a: " + hex.EncodeToString([]byte("key: "+hidden)) + "\n", "hex"},
		"four deep":     {nest(4), "base64 base64 base64 base64"},
		"utf-16 inside": {"\x01\x02MZ\x90 binary \x00\x03" + string(widened("key="+hidden, 2, binary.LittleEndian)) + "\x01\x02", "utf-16le"},
		"gzip":          {string(gzipped(hidden)), "gzip"},
		"gzip, base64":  {"x: " + base64.StdEncoding.EncodeToString(gzipped(hidden)) + "\n", "base64 gzip"},
	} {
		got := scanAll(t, s, strings.NewReader(c.text))
		if len(got) != 1 || got[0].via != c.via || got[0].secret != hidden {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := scanAll(t, s, strings.NewReader(nest(5))); got != nil {
		t.Errorf("five deep: %v", got)
	}
}

// TestEncodedChange: a change within a long encoded line, all of which but a little
// was seen before.
func TestEncodedChange(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	plain := []byte(strings.Repeat("nothing to see in this long text at all, ", 1500))
	line := func() string { return "a: " + base64.StdEncoding.EncodeToString(plain) + "\n" }
	scanAll(t, s, strings.NewReader(line()))
	copy(plain[33331:], " "+hidden+" ")
	if got := scanAll(t, s, strings.NewReader(line())); len(got) != 1 || got[0].secret != hidden {
		t.Errorf("got %v", got)
	}
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text + "\n"))
	w.Close()
	return b.Bytes()
}

func zipped(t *testing.T, members map[string][]byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range members {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	inner := zipped(t, map[string][]byte{"b.txt": []byte("x " + hidden + " y")})
	wide := widened("\ufeffkey "+hidden+"\n", 2, binary.LittleEndian)
	outer := zipped(t, map[string][]byte{"in.zip": inner, "w.reg": wide, "big": bytes.Repeat([]byte("0123456789abcdef\n"), 300000)})
	got := scanAll(t, s, bytes.NewReader(outer))
	slices.SortFunc(got, func(a, b place) int { return strings.Compare(a.via, b.via) })
	got = slices.CompactFunc(got, func(a, b place) bool { return a == b })
	want := []place{{"seq-fixed", 0, 1, 1, hidden, "zip:in.zip zip:b.txt"}, {"seq-fixed", 0, 1, 1, hidden, "zip:w.reg utf-16le"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// TestArchiveInArchive: a tar larger than a window whose raw bytes hold an encoded
// archive, while its member is being read.
func TestArchiveInArchive(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	var member bytes.Buffer
	plain := 0
	for i := range 4000 {
		switch {
		case i == 10:
			fmt.Fprintf(&member, "x: %s\n", base64.StdEncoding.EncodeToString(gzipped(hidden)))
		case i%20 == 0:
			fmt.Fprintf(&member, "x: abc_%012x\n", i)
			plain++
		}
		member.WriteString(strings.Repeat("no secret ", 100) + "\n")
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "stored", Mode: 0o600, Size: int64(member.Len())}); err != nil {
		t.Fatal(err)
	}
	w.Write(member.Bytes())
	w.Close()
	got := map[string]int{}
	for _, p := range scanAll(t, s, &b) {
		got[p.via]++
	}
	want := map[string]int{"": plain, "tar:stored": plain, "base64 gzip": 1, "tar:stored base64 gzip": 1}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
