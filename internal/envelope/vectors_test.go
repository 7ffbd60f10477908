package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

var update = flag.Bool("update", false, "write test vectors and golden sums that do not exist yet; existing ones are never changed")

const vectorDir = "testdata/vectors"

// vector is one file of testdata/vectors, as docs/format.md describes it.
type vector struct {
	about, err, structure string
	keyID                 envelope.KeyID
	dataKey               [32]byte
	size                  int
	sum                   string
	ours                  bool // our sealer makes exactly this blob of the plaintext
	blob                  []byte
}

func (v vector) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "about: %s\nerror: %s\nstructure: %s\nkey-id: %s\ndata-key: %x\n", v.about, v.err, v.structure, v.keyID, v.dataKey)
	if v.err == "none" {
		fmt.Fprintf(&b, "size: %d\nsha256: %s\nours: %t\n", v.size, v.sum, v.ours)
	}
	b.WriteByte('\n')
	for rest := v.blob; len(rest) > 0; {
		n := min(len(rest), 48)
		fmt.Fprintf(&b, "%x\n", rest[:n])
		rest = rest[n:]
	}
	return b.String()
}

func parseVector(t testing.TB, text string) vector {
	t.Helper()
	head, body, ok := strings.Cut(text, "\n\n")
	if !ok {
		t.Fatal("no empty line")
	}
	var v vector
	var err error
	for _, line := range strings.Split(head, "\n") {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("line %q", line)
		}
		switch name {
		case "about":
			v.about = value
		case "error":
			v.err = value
		case "structure":
			v.structure = value
		case "key-id":
			v.keyID, err = envelope.ParseKeyID(value)
		case "data-key":
			_, err = hex.Decode(v.dataKey[:], []byte(value))
		case "size":
			v.size, err = strconv.Atoi(value)
		case "sha256":
			v.sum = value
		case "ours":
			v.ours = value == "true"
		default:
			t.Fatalf("unknown name %q", name)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	v.blob, err = hex.DecodeString(strings.Join(strings.Fields(body), ""))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// readVectors fails if there are none, or not one for each fault.
func readVectors(t testing.TB) map[string]vector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectorDir, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]vector{}
	seen := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		v := parseVector(t, string(b))
		all[filepath.Base(f)] = v
		seen[v.err] = true
	}
	for name := range faults {
		if !seen[name] {
			t.Fatalf("no vector expects %s (of %d vectors)", name, len(all))
		}
	}
	if !seen["none"] {
		t.Fatal("no vector is good")
	}
	return all
}

// TestVectors holds the Reader, Inspect and the independent reader to every
// vector, so also to each other.
func TestVectors(t *testing.T) {
	for name, v := range readVectors(t) {
		t.Run(name, func(t *testing.T) {
			k := envelope.NewKey(v.keyID, &v.dataKey)
			p, err := open(v.blob, k)
			if got := nameOf(t, err); got != v.err {
				t.Errorf("opens with %s (%v), want %s", got, err, v.err)
			}
			info, err := envelope.Inspect(bytes.NewReader(v.blob))
			if got := nameOf(t, err); got != v.structure {
				t.Errorf("inspects with %s (%v), want %s", got, err, v.structure)
			}
			q, got := specOpen(v.blob, v.keyID[:], v.dataKey[:], false)
			if got != v.err {
				t.Errorf("independent reader opens with %s, want %s", got, v.err)
			}
			if _, got := specOpen(v.blob, v.keyID[:], v.dataKey[:], true); got != v.structure {
				t.Errorf("independent reader inspects with %s, want %s", got, v.structure)
			}
			if v.err != "none" {
				return
			}
			checkGood(t, v, k, info, p)
			if !bytes.Equal(p, q) {
				t.Error("readers disagree on the plaintext")
			}
		})
	}
}

func checkGood(t *testing.T, v vector, k *envelope.Key, info envelope.Info, p []byte) {
	t.Helper()
	if sum := sha256.Sum256(p); len(p) != v.size || hex.EncodeToString(sum[:]) != v.sum {
		t.Errorf("plaintext of %d bytes, sha256 %x", len(p), sum)
	}
	if v.size == 0 { // sealed to nothing: there is no structure to compare
		if len(v.blob) != 0 || !v.ours || len(sealWith(t, k, envelope.Standard, p)) != 0 {
			t.Error("nothing must be sealed to nothing")
		}
		return
	}
	if info.Size != int64(len(v.blob)) || info.MaxPlain < int64(len(p)) {
		t.Errorf("info %+v for %d sealed and %d plain bytes", info, len(v.blob), len(p))
	}
	again := sealWith(t, k, info.Header.Segmenting, p)
	if bytes.Equal(again, v.blob) != v.ours {
		t.Errorf("sealing the plaintext again gives the same: want %t", v.ours)
	}
	second, err := envelope.Inspect(bytes.NewReader(again))
	if err != nil || second.Segments != info.Segments {
		t.Errorf("sealed again it has %d segments (%v), not %d", second.Segments, err, info.Segments)
	}
}

// TestGenerateVectors checks that the generator still makes the committed
// vectors. With -update it writes those that do not exist; to change one, or to
// see what changed, is a decision to take with the file in hand.
func TestGenerateVectors(t *testing.T) {
	if testing.Short() {
		t.Skip("the vectors themselves are checked by TestVectors")
	}
	for name, v := range generateVectors(t) {
		file := filepath.Join(vectorDir, name+".txt")
		old, err := os.ReadFile(file)
		switch {
		case err == nil:
			if string(old) != v.String() {
				t.Errorf("%s: the generator now makes\n%s", name, v)
			}
		case *update && os.IsNotExist(err):
			if err := os.WriteFile(file, []byte(v.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Error(err)
		}
	}
}
