package main

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// older is a program that seals as another release might have: with other
// segmenting parameters, another level of compression, or none. It is written
// from docs/format.md, which lets a sealer choose these.
//
//	older raw|level|segments|large RING <plain >sealed
func older() {
	if err := sealOlder(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "older:", err)
		os.Exit(1)
	}
}

func sealOlder(ctx context.Context, setting, ring string) error {
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: osEnvironment(), now: clock, exe: os.Executable}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	g, err := kr.Current(ctx, ring)
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	s := olderSealer{encode: encodeRaw, min: 11, low: 11, high: 15, max: 17} // as today
	switch setting {
	case "raw":
	case "level":
		s.encode = encodeBest
	case "segments":
		s.min, s.low, s.high, s.max = 6, 7, 9, 10
	case "large":
		s.min, s.low, s.high, s.max = 16, 16, 18, 20
	default:
		return fmt.Errorf("no setting %q", setting)
	}
	_, err = os.Stdout.Write(s.seal(g, plain))
	return err
}

type olderSealer struct {
	encode              func([]byte) []byte
	min, low, high, max int // log2
}

func encodeRaw(p []byte) []byte { return append([]byte{0}, p...) }

func encodeBest(p []byte) []byte {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
	if err != nil {
		panic(err)
	}
	if frame := e.EncodeAll(p, nil); len(frame) < len(p) {
		return append([]byte{1}, frame...)
	}
	return encodeRaw(p)
}

func (s olderSealer) seal(g keys.Generation, plain []byte) []byte {
	prk, err := hkdf.Extract(sha256.New, g.Key.Bytes()[:], g.ID[:])
	if err != nil {
		panic(err)
	}
	mac, enc, trail := expand(prk, "segment-mac"), expand(prk, "segment-enc"), expand(prk, "trailer")
	words := make([]byte, 8*256)
	keystream(expand(prk, "chunking"), words)

	header := append([]byte("\x00git-envelope\x00\x01\x01"), g.ID[:]...)
	header = append(header, byte(s.min), byte(s.low), byte(s.high), byte(s.max))
	out, records, segments := bytes.Clone(header), []byte(nil), 0
	for offset := 0; offset < len(plain); segments++ {
		n := s.cut(words, plain[offset:], offset)
		payload := s.encode(plain[offset : offset+n])
		offset += n
		tag := sum(mac, header, payload)
		record := append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), tag...)
		keystream(expand(enc, "segment"+string(tag)), payload)
		out, records = append(append(out, record...), payload...), append(records, record...)
	}
	end := binary.BigEndian.AppendUint64(nil, uint64(segments))
	end = binary.BigEndian.AppendUint64(end, uint64(len(plain)))
	return append(append(out, 0, 0, 0, 0), sum(trail, header, records, end)...)
}

// cut is the length of the segment that starts at an offset; x is the rest.
func (s olderSealer) cut(words, x []byte, offset int) int {
	usual := min(max(bits.Len(uint(offset))-1-5, s.low), s.high)
	var h uint64
	for n := 1; n <= len(x) && n <= 1<<s.max; n++ {
		h = 2*h + binary.BigEndian.Uint64(words[8*int(x[n-1]):]) // of older bytes nothing is left
		b := usual + 2
		if n >= 1<<usual {
			b = usual - 2
		}
		if n >= 1<<s.min && (h < 1<<(64-b) || n == 1<<s.max) {
			return n
		}
	}
	return len(x)
}

func expand(prk []byte, label string) []byte {
	key, err := hkdf.Expand(sha256.New, prk, "git-envelope/v1/"+label, 32)
	if err != nil {
		panic(err)
	}
	return key
}

func sum(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func keystream(key, b []byte) {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(b, b)
}
