// Package exact looks for known values: with keys at hand, what stands inside
// sealed files is searched for everywhere else in the repository. It needs no
// pattern, so it finds what no rule can know, and what it finds is a leak.
//
// [Extract] takes from a file's plaintext the values that are worth looking for
// (worthy is the whole of that judgement), [New] makes them ready and
// [Matcher.Find] looks for all of them at once: as they are, as base64, in
// hexadecimal, escaped for URLs, JSON, XML and shells, and any of this broken over
// lines.
//
// It promises:
//   - No value is ever printed: a Value shows its source only, whatever the verb.
//   - Any input takes memory and time in proportion to its length.
//   - Find changes nothing, so that many may look at once.
//
// It does not unpack archives or nested encodings, which the engine does before it
// calls Find; and it does not find a value of which only a part was copied, nor one
// that is reversed, encrypted or in mixed-case hexadecimal.
package exact

import (
	"fmt"
	"io"
)

const (
	// MinLength is the least length of a value that is looked for: below it chance
	// hits and ordinary words would drown the findings.
	MinLength = 8
	// MaxLength is how much of a value is compared. 4 KiB is an RSA key of 4096
	// bits; what is longer counts as found by its beginning.
	MaxLength = 4 << 10
	// MaxValues is how many values one file, and one Matcher, may have.
	MaxValues = 100_000
	// maxSources is how many sources are named for one value.
	maxSources = 8
)

// Value is one secret and where it is kept.
type Value struct {
	Source string // "env/prod.yaml: db.password"
	secret []byte
}

// Format prints the source, for every verb: the secret stays where it is.
func (v Value) Format(s fmt.State, _ rune) { io.WriteString(s, v.String()) }

// String is the source.
func (v Value) String() string { return v.Source }

// GoString is the source.
func (v Value) GoString() string { return v.Source }
