package filter

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// TestCleanOthers: plaintext that neither index entry holds, but another blob of the
// path, gives that blob, under whatever generation.
func TestCleanOthers(t *testing.T) {
	for name, plain := range map[string]string{"small": marker, "large": strings.Repeat(marker, whole/len(marker)+2)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			stored := map[string][]byte{}
			clean := func(f *Filter, text string) []byte {
				out, err := f.Clean(t.Context(), "dev/a", strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				defer out.Close()
				b, err := io.ReadAll(out)
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			w.current["dev"] = dev1.ID
			stored["ours"], stored["theirs"] = clean(w.filter(), plain), clean(w.filter(), plain+"x")
			w.index["dev/a"] = clean(w.filter(), plain+"y")
			w.current["dev"] = dev2.ID
			f := w.filter()
			f.Others = func(context.Context, string) (blobs []*Blob, err error) {
				for _, side := range []string{"ours", "theirs"} {
					b := stored[side]
					blobs = append(blobs, &Blob{Size: int64(len(b)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }})
				}
				return blobs, nil
			}
			for text, want := range map[string][]byte{plain: stored["ours"], plain + "x": stored["theirs"], plain + "y": w.index["dev/a"]} {
				if got := clean(f, text); !bytes.Equal(got, want) {
					t.Errorf("%d bytes of plaintext were sealed anew", len(text))
				}
			}
			if got := clean(f, plain+"z"); bytes.Contains(got, dev1.ID[:]) {
				t.Error("new content was sealed under the old key")
			}
		})
	}
}
