package filter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/envelope"
)

// FuzzClean: whatever clean is given, it is an error, or a sealed blob that
// smudge turns into what was given, or, unchanged, what it was given: which then
// is a valid sealed blob or empty.
func FuzzClean(f *testing.F) {
	sealed := sealWith(f, dev2, text(9000))
	for _, seed := range [][]byte{
		nil, {0}, []byte("x"), []byte(magic), []byte(magic[:13]), []byte(magic + "\x01\x01"), []byte(magic + "\x02"),
		sealed, sealed[:envelope.HeaderSize], sealed[:len(sealed)-1], append(bytes.Clone(sealed), 0), swapped(f, sealed),
		sealRaw(f, dev1, []byte("x")), sealWith(f, prod1, []byte("x")), sealWith(f, dev3, []byte("x")), text(100),
	} {
		for where := range uint8(4) {
			f.Add(seed, seed, where)
			f.Add(seed, sealed, where)
			f.Add(seed, text(100), where)
		}
	}
	f.Fuzz(func(t *testing.T, content, indexed []byte, where uint8) {
		w := newWorld(t)
		switch where % 4 {
		case 1:
			w.index["dev/a"] = indexed
		case 2: // the index has it under an old generation
			w.index["dev/a"] = sealWith(t, dev1, indexed)
		case 3:
			w.lock("dev", errTest)
		}
		got, err := w.clean("dev/a", content)
		switch {
		case err != nil:
			if len(got) > 0 {
				t.Fatal("output came with an error")
			}
			if len(content) == 0 {
				t.Fatalf("empty content: %v", err)
			}
			return
		case len(content) == 0:
			if len(got) > 0 {
				t.Fatal("empty content became something")
			}
			return
		case bytes.Equal(got, content):
			if where%4 == 1 && bytes.Equal(content, indexed) && envelope.IsSealed(content) {
				return // as the index has it
			}
			if _, err := envelope.Inspect(bytes.NewReader(content)); err != nil {
				t.Fatalf("passed unchanged: %v", err)
			}
			if where%4 == 3 {
				return // without the key no more can be known
			}
			if r, err := w.filter().Show(context.Background(), bytes.NewReader(content)); err != nil {
				t.Fatal(err)
			} else if _, err := io.ReadAll(r); err != nil {
				t.Fatalf("passed unchanged: %v", err)
			}
			return
		}
		back, fl, err := w.smudge("dev/a", got)
		if left, _ := fl.Summary(); err != nil || len(left) > 0 || !bytes.Equal(back, content) {
			t.Fatalf("%d bytes in, %d sealed, %d out: %v, %v", len(content), len(got), len(back), left, err)
		}
	})
}

// FuzzSmudge: the output is the input, or verified plaintext, or an error.
func FuzzSmudge(f *testing.F) {
	sealed := sealWith(f, dev2, text(9000))
	for _, seed := range [][]byte{nil, {0}, []byte(magic), sealed, sealed[:len(sealed)-1], swapped(f, sealed), sealWith(f, prod1, []byte("x")), text(100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		w := newWorld(t)
		got, fl, err := w.smudge("dev/a", blob)
		if err != nil {
			if !envelope.IsSealed(blob) || !errors.Is(err, ErrIntegrity) {
				t.Fatal(err)
			}
			return
		}
		if bytes.Equal(got, blob) {
			if left, plain := fl.Summary(); len(blob) > 0 && len(left)+len(plain) != 1 {
				t.Fatal("given as it is without a word")
			}
			return
		}
		// Plaintext: what made it is its sealed form, which clean must let pass.
		if again, err := w.clean("dev/a", blob); err != nil || !bytes.Equal(again, blob) {
			t.Fatalf("opened, but refused by clean: %v", err)
		}
	})
}

func BenchmarkClean(b *testing.B) {
	plain := text(4 << 10)
	for name, indexed := range map[string][]byte{"new": nil, "unchanged": sealWith(b, dev2, plain)} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			if indexed != nil {
				w.index["dev/a"] = indexed
			}
			benchmark(b, w.filter(), process.Request{Command: "clean", Path: "dev/a"}, plain)
		})
	}
	b.Run("sealed", func(b *testing.B) {
		benchmark(b, newWorld(b).filter(), process.Request{Command: "clean", Path: "dev/a"}, sealWith(b, dev2, plain))
	})
}

func BenchmarkSmudge(b *testing.B) {
	sealed := sealWith(b, dev2, text(4<<10))
	w := newWorld(b)
	benchmark(b, w.filter(), process.Request{Command: "smudge", Path: "dev/a"}, sealed)
}

func benchmark(b *testing.B, f *Filter, req process.Request, content []byte) {
	in := bytes.NewReader(content)
	buf := make([]byte, 16<<10)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		in.Reset(content)
		r, err := f.Handle(context.Background(), req, in)
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = r.Read(buf)
		}
		if r.Close() != nil || err.Error() != "EOF" {
			b.Fatal(err)
		}
	}
}
