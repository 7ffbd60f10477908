// Package audit tells who can open what: which recipients, which rings and files,
// through which generations of their keys; what is overdue or missing; and which
// recipients were removed, when, and what they could read.
//
// It is pure: it judges facts that its caller collected, and writes them as text,
// JSON or one self-contained HTML page. It opens nothing, needs no key and runs
// no git. What it says rests on names, times and headers alone, so nothing secret
// can be in it; and on what key files claim, which is authenticated only by
// opening them.
//
// It can't tell whether two files sealed under different keys hold the same text,
// nor what somebody did with what they could read. Where it doesn't know, it says
// the worse.
package audit

import "time"

// Facts are what a report is made of. Recipients and generations are named by
// their ids, in the spelling of wrapped-key files.
type Facts struct {
	Repository string
	State      string // what was looked at: "" is the index and work tree, else a revision
	Head       string // the commit whose history this is; "" before the first
	Now        time.Time

	Rings       []Ring       // of the policy, in its order
	Generations []Generation // of all rings that have key files, the newest of each first
	Recipients  map[string]Recipient
	Files       []File // those that are to be sealed
	History     History
}

// Ring is an audience as the policy has it.
type Ring struct {
	Name        string
	Recipients  []string // ids
	RotateEvery time.Duration
	Require     []string // kinds
}

// Recipient is a key that opens rings.
type Recipient struct{ ID, Kind, URI string }

// Generation is one data key of a ring, with those for whom there is a
// wrapped-key file now.
type Generation struct {
	Ring, KeyID string
	Created     time.Time // zero if no file of it can be read
	Wrapped     []string
}

// What the repository has of a file.
const (
	Sealed  = "sealed"
	Plain   = "plain"
	Empty   = "empty"
	Damaged = "damaged"
)

// File is one that is to be sealed, by its beginning.
type File struct {
	Path, Ring string
	Stored     string // Sealed, …
	KeyID      string // of a sealed one
	Size       int64  // as it is stored
}

// History is what the commits up to Head did to the policy and the key files.
type History struct {
	Steps []Step // oldest first, those of one commit together
	Past  []File // sealed files that any commit ever brought, if they were looked for
	// Cut says why some of the history is not known; empty if all is.
	Cut []string
}

// Commit is what a report says of one. Author is a name without an address.
type Commit struct {
	ID     string    `json:"id"`
	Author string    `json:"author"`
	Time   time.Time `json:"time"`
}

// Step is what a commit did against one of its parents. A merge has one for each
// parent from which it differs.
type Step struct {
	Commit  *Commit // nil for what is not committed yet
	Parents int     // that the commit has
	// Cut: the parents are not here, so what it seems to add may be older.
	Cut bool
	// Before and After are the audiences of the policy, if it changed. nil in
	// their place is a policy that can't be read.
	Policy        bool
	Before, After Members
	// Added and Removed are wrapped-key files.
	Added, Removed []Wrapping
}

// Members are the recipients of each ring. Empty, but not nil, is no policy.
type Members map[string][]string

// Len is how many they are, of all rings.
func (m Members) Len() (n int) {
	for _, ids := range m {
		n += len(ids)
	}
	return n
}

// Wrapping is a wrapped-key file: a generation that a recipient can open.
type Wrapping struct{ Ring, KeyID, Recipient string }
