package rules

import (
	"encoding/base32"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func init() {
	makers["aws-access-key-id"] = func(r *rand.Rand) string { return awsKeyID(r, "AKIA", r.Uint64N(1e12)) }
	makers["aws-temporary-access-key-id"] = func(r *rand.Rand) string { return awsKeyID(r, "ASIA", r.Uint64N(1e12)) }
	makers["aws-bearer-token-id"] = func(r *rand.Rand) string { return awsKeyID(r, "ABIA", r.Uint64N(1e12)) }
}

func awsKeyID(r *rand.Rand, prefix string, account uint64) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], 1<<63|account<<23|r.Uint64N(1<<23))
	binary.BigEndian.PutUint64(raw[8:], r.Uint64())
	return prefix + base32.StdEncoding.EncodeToString(raw[:10])
}

func TestAWSAccount(t *testing.T) {
	rnd := rand.New(rand.NewPCG(seed, 4))
	for _, account := range []uint64{1, 123456789012, 999999999999} {
		v, note := awsAccount([]byte(awsKeyID(rnd, "AKIA", account)))
		if want := "AWS account " + twelve(account); v != scan.Plausible || note != want {
			t.Errorf("%v, %q, want %q", v, note, want)
		}
	}
	if v, note := awsAccount([]byte("AKIAI" + chars(rnd, "ABCDEFGH", 15))); v != scan.Unverified || note != "" {
		t.Errorf("an old id: %v, %q", v, note)
	}
}

func twelve(n uint64) string {
	out := make([]byte, 12)
	for i := 11; i >= 0; i-- {
		out[i] = byte('0' + n%10)
		n /= 10
	}
	return string(out)
}
