package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// Labels of the sub-keys, one for each use. "git-envelope/v1/metadata" is the
// keyring's, for wrapped-key files.
const (
	labelMAC     = "git-envelope/v1/segment-mac"
	labelEnc     = "git-envelope/v1/segment-enc"
	labelTrailer = "git-envelope/v1/trailer"
	labelCut     = "git-envelope/v1/chunking"
	labelSegment = "git-envelope/v1/segment" // the key of one segment, from the segment-enc sub-key
)

const keySize = 32

// Key holds the sub-keys of one generation. It is safe for concurrent use.
type Key struct {
	id                KeyID
	mac, enc, trailer [keySize]byte
	gear              gear
	engines           sync.Pool // of *engine: reused, so that a small file costs few allocations
}

// NewKey derives the sub-keys of the generation id from its data key, which it
// does not keep.
func NewKey(id KeyID, dataKey *[32]byte) *Key {
	prk, err := hkdf.Extract(sha256.New, dataKey[:], id[:])
	if err != nil {
		panic("envelope: internal error: " + err.Error())
	}
	defer clear(prk)
	k := &Key{id: id}
	var cut [keySize]byte
	for _, sub := range []struct {
		label string
		into  *[keySize]byte
	}{{labelMAC, &k.mac}, {labelEnc, &k.enc}, {labelTrailer, &k.trailer}, {labelCut, &cut}} {
		b, err := hkdf.Expand(sha256.New, prk, sub.label, keySize)
		if err != nil {
			panic("envelope: internal error: " + err.Error())
		}
		copy(sub.into[:], b)
		clear(b)
	}
	k.gear.fill(&cut)
	clear(cut[:])
	return k
}

// ID names the generation.
func (k *Key) ID() KeyID { return k.id }

// Format keeps the sub-keys out of every fmt verb.
func (k *Key) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "[envelope key "+k.id.String()+"]")
}

// gear is the table of the rolling hash, a random word for each byte value.
// Deriving it from the key keeps others from predicting where a known text is
// cut; nothing but that depends on it.
type gear [256]uint64

// fill takes the table from the AES-256-CTR keystream under key.
func (g *gear) fill(key *[keySize]byte) {
	var stream [256 * 8]byte
	ctr(key[:]).XORKeyStream(stream[:], stream[:])
	for i := range g {
		g[i] = binary.BigEndian.Uint64(stream[8*i:])
	}
	clear(stream[:])
}

// zeroIV is the initial counter. It may be fixed because every key is used for
// one stream only: a segment's key is derived from its tag.
var zeroIV [aes.BlockSize]byte

func ctr(key []byte) cipher.Stream {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("envelope: internal error: " + err.Error())
	}
	return cipher.NewCTR(block, zeroIV[:])
}
