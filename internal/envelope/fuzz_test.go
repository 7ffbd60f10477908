package envelope_test

import (
	"bytes"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// agree holds Reader, Inspect and the independent reader to each other on any
// bytes, and returns what they say.
func agree(t *testing.T, blob []byte) (plain []byte, fault string) {
	t.Helper()
	p, err := open(blob, testKey)
	fault = nameOf(t, err)
	q, spec := specOpen(blob, testID[:], testData[:], false)
	if fault != spec || err == nil && !bytes.Equal(p, q) {
		t.Fatalf("opens with %s, by the page with %s", fault, spec)
	}
	info, err := envelope.Inspect(bytes.NewReader(blob))
	structure := nameOf(t, err)
	if _, spec := specOpen(blob, testID[:], testData[:], true); structure != spec {
		t.Fatalf("inspects with %s, by the page with %s", structure, spec)
	}
	switch {
	case len(blob) == 0:
	case fault == "none" && structure != "none":
		t.Fatalf("opens, but inspects with %s", structure)
	case structure == "none" && (info.Size != int64(len(blob)) || info.Segments < 1):
		t.Fatalf("info %+v", info)
	}
	if fault == "none" {
		canonical(t, blob, p)
	}
	return p, fault
}

// canonical: what opens is what its plaintext is sealed to, segment for
// segment; the payloads may differ in codec and frame only.
func canonical(t *testing.T, blob, p []byte) {
	t.Helper()
	if len(p) == 0 {
		if len(blob) > 0 {
			t.Fatalf("%d bytes open to nothing", len(blob))
		}
		return
	}
	h, err := envelope.ParseHeader(blob)
	if err != nil {
		t.Fatal(err)
	}
	again := sealWith(t, testKey, h.Segmenting, p)
	a, b := len(again), len(blob)
	_, s1, end1 := split(t, again)
	_, s2, end2 := split(t, blob)
	if len(s1) != len(s2) {
		t.Fatalf("%d segments, sealed again %d", len(s2), len(s1))
	}
	if bytes.Equal(join(s1...), join(s2...)) && (!bytes.Equal(end1, end2) || a != b) {
		t.Fatal("two trailers for the same segments")
	}
}

// FuzzParse feeds any bytes to the readers.
func FuzzParse(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(v.blob)
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		if len(blob) > 1<<17 {
			return
		}
		agree(t, blob)
	})
}

// FuzzPayload gets behind the tags: it seals any payloads under a right key, so
// that codecs, cuts and sizes are reached with hostile content. The decoders of
// two libraries differ in what they make of broken compressed blocks, so here
// only what both open must agree.
func FuzzPayload(f *testing.F) {
	f.Add([]byte("\x00secret"), []byte("\x00secret"), false)
	f.Add([]byte("\x01\x28\xb5\x2f\xfd\x20\x32\x93\x01\x00x"), []byte(nil), false)
	f.Add(envelope.Encode(yamlText(256)), envelope.Encode(yamlText(2000)), true)
	f.Fuzz(func(t *testing.T, one, two []byte, standard bool) {
		s := small
		if standard {
			s = envelope.Standard
		}
		forge := envelope.NewForge(testKey, s)
		size := 0
		for _, payload := range [][]byte{one, two} {
			if len(payload) < 2 || len(payload) > s.MaxSegment()+1 {
				continue
			}
			n := len(payload) - 1
			if payload[0] == 1 {
				n, _ = outline(payload[1:])
			}
			forge.Segment(payload, n)
			size += n
		}
		blob := forge.Trailer()
		p, err := open(blob, testKey)
		if err != nil {
			nameOf(t, err)
			return
		}
		if len(p) != size {
			t.Fatalf("%d bytes, want %d", len(p), size)
		}
		canonical(t, blob, p)
		if q, spec := specOpen(blob, testID[:], testData[:], false); spec == "none" && !bytes.Equal(p, q) {
			t.Fatal("two decoders, two plaintexts")
		}
	})
}

// FuzzSealOpen seals any plaintext and opens it, whole and with one byte changed.
func FuzzSealOpen(f *testing.F) {
	f.Add([]byte("password: hunter2\n"), uint(0), byte(1), uint8(0))
	f.Add(yamlText(5000), uint(100), byte(0x80), uint8(1))
	f.Add(noise("fuzz", 3000), uint(40), byte(0xff), uint8(7))
	f.Add(make([]byte, 5000), uint(60), byte(2), uint8(0))
	f.Fuzz(func(t *testing.T, p []byte, at uint, change byte, split uint8) {
		if len(p) > 16<<10 { // the independent reader is slow
			return
		}
		s := envelope.Standard
		if split&1 == 1 {
			s = small
		}
		blob := sealWith(t, testKey, s, p)
		if q, fault := agree(t, blob); fault != "none" || !bytes.Equal(p, q) {
			t.Fatalf("opens with %s", fault)
		}
		var b bytes.Buffer
		w := envelope.NewWriterWith(&b, testKey, s)
		for rest := p; len(rest) > 0; {
			n := min(len(rest), 1+37*int(split))
			_, _ = w.Write(rest[:n])
			rest = rest[n:]
		}
		if err := w.Close(); err != nil || !bytes.Equal(b.Bytes(), blob) {
			t.Fatal("the split of writes shows", err)
		}
		if len(blob) == 0 || change == 0 {
			return
		}
		i := int(at % uint(len(blob)))
		q, err := open(with(blob, i, blob[i]^change), testKey)
		if nameOf(t, err) == "none" || !bytes.HasPrefix(p, q) {
			t.Fatalf("byte %d changed, %v after %d bytes", i, err, len(q))
		}
	})
}
