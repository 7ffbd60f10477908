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

// authenticated encodes every member but the MAC: each preceded by its length
// as four bytes, big endian, so that no two files share an encoding.
func (w *WrappedKey) authenticated() []byte {
	var b []byte
	for _, s := range []string{
		strconv.Itoa(FileVersion), w.Repository, w.Ring, w.ID.String(), w.created(),
		w.Recipient.Kind, w.Recipient.URI,
		w.Wrapped.Key, w.Wrapped.Algorithm, string(w.Wrapped.Ciphertext),
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

// Verify tells, with the unwrapped data key, whether the file is as its maker
// wrote it; else ErrMAC. A service that hands over a wrong key as success is
// found out by the same check.
func (w *WrappedKey) Verify(dk *keys.DataKey) error {
	want := w.mac(dk)
	if !hmac.Equal(want[:], w.MAC[:]) {
		return ErrMAC
	}
	return nil
}
