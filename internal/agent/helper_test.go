package agent

import (
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// hour is a life that no test sees the end of.
var hour = TTL{Max: time.Hour}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// place is a context: ring and key id tell keys of one repository apart.
func place(repository, ring string, id byte) keys.Context {
	return keys.Context{Repository: repository, Ring: ring, ID: keys.ID{id}}
}
