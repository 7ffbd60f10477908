package keyring

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// macLabel separates this use of a data key from all others (docs/format.md).
const macLabel = "git-envelope/v1/metadata"

// authenticated encodes what a file says of its data key and its recipient: each
// member preceded by its length as four bytes, big endian, so that no two such
// statements share an encoding.
//
// The wrapped members are left out: a service that re-encrypts a wrapped key
// without handing out the data key (keys.Rewrapper) changes them, and nobody is
// there to authenticate what it made. Nothing is lost. Whatever they hold must
// yield the one key under which this MAC verifies, or it is refused: HMAC commits
// to its key. See docs/decisions/0009-rewrap.md.
func (w *WrappedKey) authenticated() []byte {
	var b []byte
	for _, s := range []string{
		strconv.Itoa(FileVersion), w.Repository, w.Ring, w.ID.String(), w.created(),
		w.Recipient.Kind, w.Recipient.URI,
	} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	return b
}

func (w *WrappedKey) mac(dk *keys.DataKey) [MACSize]byte {
	key, err := hkdf.Key(sha256.New, dk.Bytes()[:], w.ID[:], macLabel, sha256.Size)
	if err != nil {
		panic("keyring: internal error: " + err.Error()) // only for lengths HKDF cannot give
	}
	defer clear(key)
	h := hmac.New(sha256.New, key)
	h.Write(w.authenticated())
	return [MACSize]byte(h.Sum(nil))
}

// Verify tells, with the unwrapped data key, whether it is the one that the file
// is about, and what the file says of it is what its maker wrote; else ErrMAC. A
// service that hands over a wrong key as success is found out by the same check.
func (w *WrappedKey) Verify(dk *keys.DataKey) error {
	want := w.mac(dk)
	if !hmac.Equal(want[:], w.MAC[:]) {
		return ErrMAC
	}
	return nil
}
