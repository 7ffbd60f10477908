package rules

import (
	"encoding/base32"
	"encoding/binary"
	"math/rand/v2"
)

func init() {
	makers["nats-nkey-seed"] = func(r *rand.Rand) string {
		role := byte([]int{0, 2, 13, 14, 20, 23}[r.IntN(6)] << 3)
		raw := []byte{18<<3 | role>>5, role & 31 << 3}
		raw = append(raw, chars(r, alnum, 32)...)
		raw = binary.LittleEndian.AppendUint16(raw, crc16(raw))
		return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	}
}
