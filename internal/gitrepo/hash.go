package gitrepo

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// hash is the object id git gives to content of a type in this repository.
func (r *Repo) hash(typ string, content []byte) string {
	data := append([]byte(typ+" "+strconv.Itoa(len(content))+"\x00"), content...)
	if r.ObjectFormat == SHA256 {
		h := sha256.Sum256(data)
		return hex.EncodeToString(h[:])
	}
	h := sha1.Sum(data)
	return hex.EncodeToString(h[:])
}
