package vaulttest

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// initial is the initial value of RFC 3394, section 2.2.3.1.
var initial = []byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}

// keyWrap is AES Key Wrap, RFC 3394, section 2.2.1, in the index-based form.
func keyWrap(kek, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	if len(plain)%8 != 0 || len(plain) < 16 {
		return nil, errors.New("not a whole number of 64-bit blocks, or fewer than two")
	}
	n := len(plain) / 8
	out := append(append([]byte{}, initial...), plain...)
	var b [16]byte
	for j := range 6 {
		for i := 1; i <= n; i++ {
			copy(b[:8], out[:8])
			copy(b[8:], out[8*i:])
			block.Encrypt(b[:], b[:])
			count(b[:8], n*j+i)
			copy(out[:8], b[:8])
			copy(out[8*i:], b[8:])
		}
	}
	return out, nil
}

// keyUnwrap is section 2.2.2.
func keyUnwrap(kek, wrapped []byte) ([]byte, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	if len(wrapped)%8 != 0 || len(wrapped) < 24 {
		return nil, errors.New("not a whole number of 64-bit blocks, or fewer than three")
	}
	n := len(wrapped)/8 - 1
	out := append([]byte{}, wrapped...)
	var b [16]byte
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			copy(b[:8], out[:8])
			count(b[:8], n*j+i)
			copy(b[8:], out[8*i:8*i+8])
			block.Decrypt(b[:], b[:])
			copy(out[:8], b[:8])
			copy(out[8*i:], b[8:])
		}
	}
	if subtle.ConstantTimeCompare(out[:8], initial) != 1 {
		return nil, errors.New("the integrity check failed")
	}
	return out[8:], nil
}

// count mixes a step's number into the register.
func count(a []byte, t int) {
	binary.BigEndian.PutUint64(a, binary.BigEndian.Uint64(a)^uint64(t))
}
