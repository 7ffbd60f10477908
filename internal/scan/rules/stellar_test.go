package rules

import (
	"encoding/base32"
	"encoding/binary"
	"math/rand/v2"
)

func init() {
	makers["stellar-secret-seed"] = func(r *rand.Rand) string {
		raw := append([]byte{18 << 3}, chars(r, alnum, 32)...)
		raw = binary.LittleEndian.AppendUint16(raw, crc16(raw))
		return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	}
}
