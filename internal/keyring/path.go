package keyring

import (
	"encoding/hex"
	"strings"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Dir holds all wrapped-key files of a repository.
const Dir = ".envelope/keys"

// RingDir holds the wrapped-key files of one ring.
func RingDir(ring string) string { return Dir + "/" + ring }

// Path is where the wrapped-key file of one generation and recipient belongs.
func Path(ring string, id keys.ID, recipientID string) string {
	return RingDir(ring) + "/" + id.String() + "/" + recipientID + ".json"
}

// ParsePath takes a wrapped-key file's path apart: the inverse of Path.
func ParsePath(path string) (ring string, id keys.ID, recipientID string, err error) {
	rest, ok := strings.CutPrefix(path, Dir+"/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 3 || !validRing(parts[0]) {
		return "", keys.ID{}, "", faultf(ErrPath, "want %s/RING/KEY-ID/RECIPIENT-ID.json", Dir)
	}
	if id, err = keys.ParseID(parts[1]); err != nil || id == (keys.ID{}) {
		return "", keys.ID{}, "", faultf(ErrPath, "folder is not named by a key id")
	}
	recipientID, ok = strings.CutSuffix(parts[2], ".json")
	raw, err := hex.DecodeString(recipientID)
	if !ok || err != nil || len(raw) != 8 || hex.EncodeToString(raw) != recipientID {
		return "", keys.ID{}, "", faultf(ErrPath, "file is not named by a recipient id")
	}
	return parts[0], id, recipientID, nil
}
