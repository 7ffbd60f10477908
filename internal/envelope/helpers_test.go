package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// The key of the vectors and goldens: id and data key count up.
var (
	testID   = envelope.KeyID{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf}
	testData = [32]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}
	testKey  = envelope.NewKey(testID, &testData)

	// small makes blobs of many segments from little plaintext.
	small = envelope.Segmenting{MinLog: 6, LowLog: 7, HighLog: 7, MaxLog: 8}
)

func seal(t testing.TB, p []byte) []byte {
	t.Helper()
	return sealWith(t, testKey, envelope.Standard, p)
}

func sealWith(t testing.TB, k *envelope.Key, s envelope.Segmenting, p []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := envelope.NewWriterWith(&b, k, s)
	if _, err := w.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(blob []byte, k *envelope.Key) ([]byte, error) {
	return io.ReadAll(envelope.NewReader(bytes.NewReader(blob), k))
}

// faults names every error of the format, for the vectors.
var faults = map[string]error{
	"ErrNotSealed": envelope.ErrNotSealed, "ErrVersion": envelope.ErrVersion, "ErrSuite": envelope.ErrSuite, "ErrHeader": envelope.ErrHeader,
	"ErrKeyID": envelope.ErrKeyID, "ErrTruncated": envelope.ErrTruncated, "ErrSegmentLength": envelope.ErrSegmentLength,
	"ErrSegmentTag": envelope.ErrSegmentTag, "ErrCodec": envelope.ErrCodec, "ErrPayload": envelope.ErrPayload, "ErrSegmentSize": envelope.ErrSegmentSize,
	"ErrSegmentCut": envelope.ErrSegmentCut, "ErrTrailer": envelope.ErrTrailer, "ErrEmpty": envelope.ErrEmpty, "ErrTrailing": envelope.ErrTrailing,
}

// nameOf is the inverse; every error of the format has exactly one name and is
// a kind of ErrDamaged.
func nameOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return "none"
	}
	if !errors.Is(err, envelope.ErrDamaged) {
		t.Fatalf("%v is not ErrDamaged", err)
	}
	found := ""
	for name, e := range faults {
		if errors.Is(err, e) {
			if found != "" {
				t.Fatalf("%v is both %s and %s", err, found, name)
			}
			found = name
		}
	}
	if found == "" {
		t.Fatalf("%v has no name", err)
	}
	return found
}

// split returns header, records with their ciphertexts, and trailer of a blob
// known to be well-formed.
func split(t testing.TB, blob []byte) (header []byte, segments [][]byte, trailer []byte) {
	t.Helper()
	rest := blob[envelope.HeaderSize:]
	for len(rest) > envelope.RecordSize {
		n := envelope.RecordSize + int(rest[0])<<24 + int(rest[1])<<16 + int(rest[2])<<8 + int(rest[3])
		segments = append(segments, rest[:n])
		rest = rest[n:]
	}
	if len(rest) != envelope.RecordSize {
		t.Fatalf("%d bytes for a trailer", len(rest))
	}
	return blob[:envelope.HeaderSize], segments, rest
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
