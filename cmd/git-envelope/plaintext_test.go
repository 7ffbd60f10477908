package main

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// disguises are the forms in which a marker may lie in a file besides its own.
func disguises(marker string) [][]byte {
	forms := [][]byte{[]byte(marker), []byte(hex.EncodeToString([]byte(marker)))}
	for shift := range 3 {
		// Of the three alignments base64 can have, keep the characters that
		// depend on the marker alone.
		enc := base64.StdEncoding.EncodeToString(append(make([]byte, shift), marker...))
		from := (shift*8 + 5) / 6
		to := (shift + len(marker)) * 8 / 6
		forms = append(forms, []byte(enc[from:to]), []byte(base64.URLEncoding.EncodeToString(append(make([]byte, shift), marker...))[from:to]))
	}
	return forms
}

// lookFor names the places where a marker is found in any disguise, compressed
// or not.
func lookFor(marker string, places map[string][]byte) (where []string) {
	forms := disguises(marker)
	for _, name := range slices.Sorted(maps.Keys(places)) {
		if found(forms, places[name]) || slices.ContainsFunc(unpacked(places[name]), func(b []byte) bool { return found(forms, b) }) {
			where = append(where, name)
		}
	}
	return where
}

func found(forms [][]byte, in []byte) bool {
	return slices.ContainsFunc(forms, func(f []byte) bool { return bytes.Contains(in, f) })
}

// maxUnpacked bounds what one stream unpacks to.
const maxUnpacked = 4 << 20

// unpacked gives what the deflate streams of zlib and gzip and the zstd frames
// in a file hold, wherever they begin.
func unpacked(b []byte) (streams [][]byte) {
	for i := range b {
		rest := b[i:]
		switch {
		case len(rest) > 2 && rest[0] == 0x78 && (int(rest[0])<<8|int(rest[1]))%31 == 0:
			streams = appendSome(streams, flate.NewReader(bytes.NewReader(rest[2:])))
		case len(rest) > 10 && rest[0] == 0x1f && rest[1] == 0x8b && rest[3] == 0:
			streams = appendSome(streams, flate.NewReader(bytes.NewReader(rest[10:])))
		case bytes.HasPrefix(rest, []byte{0x28, 0xb5, 0x2f, 0xfd}):
			if r, err := zstd.NewReader(bytes.NewReader(rest), zstd.WithDecoderConcurrency(1)); err == nil {
				streams = appendSome(streams, r)
				r.Close()
			}
		}
	}
	return streams
}

func appendSome(list [][]byte, r io.Reader) [][]byte {
	b, _ := io.ReadAll(io.LimitReader(r, maxUnpacked)) // what came before an error counts
	if len(b) == 0 {
		return list
	}
	return append(list, b)
}

// TestLookFor proves that the search behind no-plaintext can find something.
func TestLookFor(t *testing.T) {
	const marker = "correct-horse-battery"
	text := []byte("password: " + marker + "\n")
	var z bytes.Buffer
	w, err := flate.NewWriter(&z, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string][]byte{
		"raw":     text,
		"hex":     []byte(hex.EncodeToString(text)),
		"base64":  []byte(base64.StdEncoding.EncodeToString(text)),
		"base64+": []byte(base64.StdEncoding.EncodeToString(append([]byte("."), text...))),
		"base64/": []byte(base64.StdEncoding.EncodeToString(append([]byte(".."), text...))),
		"zlib":    append([]byte("junk\x78\x9c"), z.Bytes()...),
		"gzip":    append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), z.Bytes()...),
		"zstd":    append([]byte("junk"), enc.EncodeAll(text, nil)...),
	}
	for name, content := range places {
		if got := lookFor(marker, map[string][]byte{name: content}); len(got) != 1 {
			t.Errorf("%s: not found", name)
		}
	}
	if got := lookFor("wrong-horse-battery", places); len(got) != 0 {
		t.Errorf("found in %v what is not there", got)
	}
}
