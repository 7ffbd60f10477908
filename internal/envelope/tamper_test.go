package envelope_test

import (
	"bytes"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// refuse fails unless blob is refused, and unless what was handed out before
// that is the beginning of a plaintext that the key really sealed.
func refuse(t *testing.T, what string, blob []byte, k *envelope.Key, sealed ...[]byte) {
	t.Helper()
	p, err := open(blob, k)
	if err == nil {
		t.Errorf("%s: opened to %d bytes", what, len(p))
		return
	}
	nameOf(t, err)
	for _, s := range sealed {
		if bytes.HasPrefix(s, p) {
			return
		}
	}
	t.Errorf("%s: %d wrong bytes before %v", what, len(p), err)
}

func TestTampered(t *testing.T) {
	cases := []struct {
		name string
		s    envelope.Segmenting
		p    []byte
	}{
		{"one", envelope.Standard, []byte("x")}, // 109 bytes: every bit
		{"secret", envelope.Standard, yamlText(700)},
		{"small", small, yamlText(2000)},
		{"text", envelope.Standard, yamlText(30000)},
		{"noise", envelope.Standard, noise("tamper", 30000)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			blob := sealWith(t, testKey, c.s, c.p)
			step := max(1, len(blob)*8/2000) // a sample of the larger ones
			for i := 0; i < len(blob)*8; i += step {
				refuse(t, "bit flipped", with(blob, i/8, blob[i/8]^1<<(i%8)), testKey, c.p)
			}
			for n := 1; n < len(blob); n += max(1, len(blob)/500) {
				refuse(t, "truncated", blob[:n], testKey, c.p)
			}
			for _, tail := range []string{"\x00", "\n", "\x00\x00\x00\x00", string(blob)} {
				refuse(t, "extended", join(blob, []byte(tail)), testKey, c.p)
			}
			for b := range 256 {
				refuse(t, "byte inserted", join(blob[:len(blob)/2], []byte{byte(b)}, blob[len(blob)/2:]), testKey, c.p)
			}
		})
	}
}

// TestRearranged tries every single removal, repetition and swap of segments
// and every exchange with those of a second blob under the same key. What it
// hands out before it refuses must be verified segments: of these two blobs.
func TestRearranged(t *testing.T) {
	p := yamlText(3000)
	q := yamlText(3600)[300:]
	blob, other := sealWith(t, testKey, small, p), sealWith(t, testKey, small, q)
	h, s, end := split(t, blob)
	_, s2, end2 := split(t, other)
	if len(s) < 8 || len(s2) < 8 {
		t.Fatal("too few segments")
	}
	try := func(what string, end []byte, segments ...[]byte) {
		t.Helper()
		b := join(h, join(segments...), end)
		if bytes.Equal(b, blob) || bytes.Equal(b, other) {
			return
		}
		out, err := open(b, testKey)
		if name := nameOf(t, err); err == nil {
			t.Errorf("%s: opened to %d bytes", what, len(out))
		} else if name != "ErrTrailer" && name != "ErrSegmentSize" && name != "ErrSegmentCut" && name != "ErrEmpty" {
			t.Errorf("%s: %v", what, err)
		}
	}
	clone := func() [][]byte { return append([][]byte(nil), s...) }
	for i := range s {
		try("removed", end, append(clone()[:i], s[i+1:]...)...)
		try("repeated", end, append(append(clone()[:i+1], s[i]), s[i+1:]...)...)
		for j := range i {
			c := clone()
			c[i], c[j] = c[j], c[i]
			try("swapped", end, c...)
		}
		for j := range s2 {
			c := clone()
			c[i] = s2[j]
			try("spliced", end, c...)
			try("spliced", end2, c...)
		}
		try("cut and joined", end2, append(clone()[:i], s2[min(i, len(s2)):]...)...)
	}
	try("trailer of the other", end2, s...)
}

func TestOtherKeys(t *testing.T) {
	blob := seal(t, yamlText(5000))
	other := testData
	other[31]++
	refuse(t, "other data key", blob, envelope.NewKey(testID, &other), nil)
	id := testID
	id[0]++
	_, err := open(blob, envelope.NewKey(id, &testData))
	if name := nameOf(t, err); name != "ErrKeyID" {
		t.Errorf("other key id: %v", err)
	}
	copy(blob[16:], id[:]) // somebody writes the other id into the blob
	refuse(t, "other key id", blob, envelope.NewKey(id, &testData), nil)
}
