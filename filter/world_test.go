package filter

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// marker is in every plaintext of the tests, and may be in nothing that leaves
// the filter where plaintext must not.
const marker = "plaintext-marker"

const magic = "\x00git-envelope\x00"

// The policies of the tests differ in how a path without a rule finds its ring.
const (
	twoRings = `version: 1
repository: 0d6b3c1e-5f0a-4d6c-9a51-2f7d8e4b1c90
rings:
  dev:
    recipients:
      - age: age1devdevdev
  prod:
    recipients:
      - age: age1prodprodprod
`
	rules = `rules:
  - paths: ["dev/**"]
    ring: dev
  - paths: ["prod/**"]
    ring: prod
`
	oneRing = `version: 1
repository: 0d6b3c1e-5f0a-4d6c-9a51-2f7d8e4b1c90
rings:
  dev:
    recipients:
      - age: age1devdevdev
`
)

func parsePolicy(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(text), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The generations of the tests. dev2 and prod1 are current; dev3 is nowhere in
// the repository.
var (
	dev1  = generation("dev", 1)
	dev2  = generation("dev", 2)
	dev3  = generation("dev", 3)
	prod1 = generation("prod", 4)
)

func generation(ring string, n byte) keys.Generation {
	secret := sha256.Sum256([]byte{n})
	k, err := keys.DataKeyFrom(secret[:])
	if err != nil {
		panic(err)
	}
	return keys.Generation{ID: keys.ID{n}, Ring: ring, Key: k}
}

// world is all that a filter sees. Its maps are set up before the filter runs.
type world struct {
	policy, out       *policy.Policy // check-in, check-out
	policyErr, outErr error
	attrs             Attributes
	attrsErr          error
	index             map[string][]byte
	indexErr, openErr error // finding the entry, reading its blob

	known      map[keys.ID]keys.Generation
	current    map[string]keys.ID
	shut       map[keys.ID]error // what opening it gives instead
	currentErr map[string]error
	findErr    error
	slow       map[keys.ID]chan struct{} // opening it waits for this

	mu       sync.Mutex
	opened   map[keys.ID]int
	treeish  []string // of Open and of the policy
	unclosed int      // blobs of the index that were not closed
}

func newWorld(t testing.TB) *world {
	t.Helper()
	p := parsePolicy(t, twoRings+rules)
	return &world{
		policy: p, out: p,
		index:      map[string][]byte{},
		known:      map[keys.ID]keys.Generation{dev1.ID: dev1, dev2.ID: dev2, prod1.ID: prod1},
		current:    map[string]keys.ID{"dev": dev2.ID, "prod": prod1.ID},
		shut:       map[keys.ID]error{},
		currentErr: map[string]error{},
		slow:       map[keys.ID]chan struct{}{},
		opened:     map[keys.ID]int{},
	}
}

func (w *world) filter() *Filter {
	return New(Config{Keys: w, Policies: w, Attributes: w.attributes, Previous: w.previous})
}

// Open implements Keyring.
func (w *world) Open(ctx context.Context, id keys.ID, treeish string) (keys.Generation, error) {
	w.mu.Lock()
	w.opened[id]++
	w.treeish = append(w.treeish, treeish)
	w.mu.Unlock()
	if slow := w.slow[id]; slow != nil {
		select {
		case <-slow:
		case <-ctx.Done():
			return keys.Generation{}, ctx.Err()
		}
	}
	if err := w.shut[id]; err != nil {
		return keys.Generation{}, err
	}
	g, ok := w.known[id]
	if !ok {
		return keys.Generation{}, &keys.RingError{ID: id, Cause: keys.ErrUnknownKey}
	}
	return g, nil
}

// Find implements Keyring.
func (w *world) Find(_ context.Context, id keys.ID, _ string) (string, error) {
	if w.findErr != nil {
		return "", w.findErr
	}
	g, ok := w.known[id]
	if !ok {
		return "", &keys.RingError{ID: id, Cause: keys.ErrUnknownKey}
	}
	return g.Ring, nil
}

// Current implements Keyring.
func (w *world) Current(_ context.Context, ring string) (keys.Generation, error) {
	if err := w.currentErr[ring]; err != nil {
		return keys.Generation{}, err
	}
	id := w.current[ring]
	if err := w.shut[id]; err != nil {
		return keys.Generation{}, err
	}
	return w.known[id], nil
}

// CheckIn implements Policies.
func (w *world) CheckIn(context.Context) (*policy.Policy, error) { return w.policy, w.policyErr }

// CheckOut implements Policies.
func (w *world) CheckOut(_ context.Context, treeish string) (*policy.Policy, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.treeish = append(w.treeish, treeish)
	return w.out, w.outErr
}

func (w *world) attributes(context.Context, string) (Attributes, error) { return w.attrs, w.attrsErr }

func (w *world) previous(_ context.Context, name string) (*Blob, error) {
	if w.indexErr != nil {
		return nil, w.indexErr
	}
	b, ok := w.index[name]
	if !ok {
		return nil, nil
	}
	return &Blob{Size: int64(len(b)), Open: func() (io.ReadCloser, error) {
		if w.openErr != nil {
			return nil, w.openErr
		}
		w.mu.Lock()
		w.unclosed++
		w.mu.Unlock()
		return &blobFile{Reader: bytes.NewReader(b), w: w}, nil
	}}, nil
}

// blobFile notices that it is closed.
type blobFile struct {
	io.Reader
	w    *world
	once sync.Once
}

func (b *blobFile) Close() error {
	b.once.Do(func() {
		b.w.mu.Lock()
		defer b.w.mu.Unlock()
		b.w.unclosed--
	})
	return nil
}

// lock makes every generation of a ring fail with the cause.
func (w *world) lock(ring string, cause error) {
	for id, g := range w.known {
		if g.Ring == ring {
			w.shut[id] = &keys.RingError{Ring: ring, ID: id, Cause: cause}
		}
	}
	w.currentErr[ring] = &keys.RingError{Ring: ring, Cause: cause}
}

func sealWith(t testing.TB, g keys.Generation, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := envelope.NewWriter(&out, envelope.NewKey(envelope.KeyID(g.ID), g.Key.Bytes()))
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openWith(t testing.TB, g keys.Generation, sealed []byte) []byte {
	t.Helper()
	plain, err := io.ReadAll(envelope.NewReader(bytes.NewReader(sealed), envelope.NewKey(envelope.KeyID(g.ID), g.Key.Bytes())))
	if err != nil {
		t.Fatalf("open the output: %v", err)
	}
	return plain
}

// sealRaw seals one segment uncompressed, by docs/format.md: what another
// release, with another compressor, might have written for the same plaintext.
func sealRaw(t testing.TB, g keys.Generation, plain []byte) []byte {
	t.Helper()
	if len(plain) == 0 || len(plain) >= 2<<10 {
		t.Fatal("sealRaw makes one segment only")
	}
	head := append([]byte(magic), 1, 1)
	head = append(head, g.ID[:]...)
	head = append(head, 11, 12, 14, 16)
	prk, err := hkdf.Extract(sha256.New, g.Key.Bytes()[:], g.ID[:])
	if err != nil {
		t.Fatal(err)
	}
	expand := func(prk []byte, info string) []byte {
		k, err := hkdf.Expand(sha256.New, prk, info, 32)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	payload := append([]byte{0}, plain...)
	tag := mac(expand(prk, "git-envelope/v1/segment-mac"), head, payload)
	block, err := aes.NewCipher(expand(expand(prk, "git-envelope/v1/segment-enc"), "git-envelope/v1/segment"+string(tag)))
	if err != nil {
		t.Fatal(err)
	}
	record := append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), tag...)
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(payload, payload)
	end := mac(expand(prk, "git-envelope/v1/trailer"), head, record, binary.BigEndian.AppendUint64(nil, 1), binary.BigEndian.AppendUint64(nil, uint64(len(plain))))
	return bytes.Join([][]byte{head, record, payload, {0, 0, 0, 0}, end}, nil)
}

// swapped exchanges the first two segments of a blob.
func swapped(t testing.TB, sealed []byte) []byte {
	t.Helper()
	segment := func(at int) []byte {
		n := int(binary.BigEndian.Uint32(sealed[at:]))
		if n == 0 {
			t.Fatal("the blob has too few segments")
		}
		return sealed[at : at+36+n]
	}
	a := segment(envelope.HeaderSize)
	b := segment(envelope.HeaderSize + len(a))
	return bytes.Join([][]byte{sealed[:envelope.HeaderSize], b, a, sealed[envelope.HeaderSize+len(a)+len(b):]}, nil)
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[(at+len(b))%len(b)] ^= 1
	return b
}

// text is n bytes of lines that all differ, each with the marker. Two thirds of
// it do not compress. It is not to be changed.
func text(n int) []byte { return allText()[:n:n] }

var allText = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	for i := uint32(0); b.Len() < 1<<20; i++ {
		noise := sha256.Sum256(binary.BigEndian.AppendUint32(nil, i))
		b.WriteString(marker + " ")
		b.Write(noise[:])
		b.WriteByte('\n')
	}
	return b.Bytes()
})

// drain reads and closes a result.
func drain(r io.ReadCloser, err error) ([]byte, error) {
	if err != nil {
		if r != nil {
			return nil, errors.New("both a result and an error: " + err.Error())
		}
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

func (w *world) clean(name string, content []byte) ([]byte, error) {
	f := w.filter()
	defer f.Close()
	return drain(f.Handle(context.Background(), process.Request{Command: "clean", Path: name}, bytes.NewReader(content)))
}

func (w *world) smudge(name string, content []byte) ([]byte, *Filter, error) {
	f := w.filter()
	defer f.Close()
	out, err := drain(f.Handle(context.Background(), process.Request{Command: "smudge", Path: name, Treeish: "tree"}, bytes.NewReader(content)))
	return out, f, err
}

// noTrace checks that neither an error nor TMPDIR tells any plaintext.
func noTrace(t *testing.T, err error, tmp string) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), marker) {
		t.Errorf("the error quotes the plaintext: %v", err)
	}
	left, readErr := os.ReadDir(tmp)
	if readErr != nil {
		t.Error(readErr)
	}
	for _, e := range left {
		t.Errorf("%s was left in TMPDIR", e.Name())
	}
}

// lower sets the limits of memory, so that small files are large: for a spool,
// for all that wait for a key, and for plaintext that is held whole.
func lower(t *testing.T, spool int) {
	limits := [3]int{spoolMemory, delayedMemory, whole}
	spoolMemory, delayedMemory, whole = spool, 2*spool, 64<<10
	t.Cleanup(func() { spoolMemory, delayedMemory, whole = limits[0], limits[1], limits[2] })
}
