package audit

import "time"

// Report is the answer of 'audit --json'. Fields are only ever added. Key ids
// join its parts: who can read a file are those whose id is among "opens" of the
// generation under which it is sealed.
type Report struct {
	Version    int       `json:"version"`
	Repository string    `json:"repository"`
	State      string    `json:"state"` // "index", or the revision that was looked at
	Head       string    `json:"head,omitempty"`
	At         time.Time `json:"at"`
	// Complete tells whether all of the history was seen; Notes say why not.
	Complete   bool              `json:"complete"`
	Notes      []string          `json:"notes"`
	Findings   []Finding         `json:"findings"`
	Rings      []RingReport      `json:"rings"`
	Recipients []RecipientReport `json:"recipients"`
	Removed    []Removed         `json:"removed"`
	Files      []FileReport      `json:"files"`
	Events     []Event           `json:"events"`
}

// Severities of a finding. Advice is no reason for a check to fail.
const (
	High   = "high"
	Medium = "medium"
	Advice = "advice"
)

// Finding is something to do.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Ring     string   `json:"ring,omitempty"`
	Message  string   `json:"message"`
	Commands []string `json:"commands"` // what to type, in order
}

// RingReport is one ring: of the policy, or of which only keys are left.
type RingReport struct {
	Name        string             `json:"name"`
	Listed      bool               `json:"listed"`
	Recipients  []string           `json:"recipients"`
	Require     []string           `json:"require,omitempty"`
	Missing     []string           `json:"missing,omitempty"` // kinds of Require
	RotateEvery float64            `json:"rotate_every_days,omitempty"`
	Due         *time.Time         `json:"due,omitempty"`
	Overdue     bool               `json:"overdue"`
	Generations []GenerationReport `json:"generations"` // the newest first
	Files       Counts             `json:"files"`
}

// Counts are files by their state; see FileReport.
type Counts struct {
	Total   int `json:"total"`
	Current int `json:"current"`
	Older   int `json:"older"`
	Wrong   int `json:"wrong"`
}

// GenerationReport is one generation of a ring's data key.
type GenerationReport struct {
	KeyID   string     `json:"key_id"`
	Created *time.Time `json:"created,omitempty"`
	AgeDays int        `json:"age_days"`
	Current bool       `json:"current"`
	Opens   []string   `json:"opens"`          // recipients with a wrapped key now
	Opened  []string   `json:"opened"`         // those that only had one
	Files   int        `json:"files"`          // sealed under it now
	Gone    bool       `json:"gone,omitempty"` // only history has its keys
}

// How a recipient stands with a ring.
const (
	Full     = "full"     // opens every generation
	Partial  = "partial"  // opens some
	Shut     = "shut"     // the policy lists it, but nothing is wrapped for it
	Former   = "former"   // not in the policy any more, and still has wrapped keys
	Unlisted = "unlisted" // not in any policy of the history that was seen, and has wrapped keys
)

// RecipientReport is one recipient with what it can open now.
type RecipientReport struct {
	ID    string   `json:"id"`
	Kind  string   `json:"kind"`
	URI   string   `json:"uri"`
	Name  string   `json:"name"` // URI, short
	Rings []Access `json:"rings"`
	Files int      `json:"files"` // that it can open now
}

// Access is what a recipient can open of a ring.
type Access struct {
	Ring     string   `json:"ring"`
	Standing string   `json:"standing"`
	Since    *Commit  `json:"since,omitempty"` // that added it to the policy
	Opens    []string `json:"opens"`           // key ids
	Of       int      `json:"of"`              // generations there are
	Files    int      `json:"files"`
}

// Removed is a recipient that a ring once had.
type Removed struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	URI  string `json:"uri"`
	Name string `json:"name"`
	Ring string `json:"ring"`
	// How is "policy" if the policy dropped it, "keys" if only its wrapped-key files went.
	How string `json:"how"`
	// Listed: the policy still names it, so the keys may have gone by mistake.
	Listed bool    `json:"listed,omitempty"`
	Added  *Commit `json:"added,omitempty"`
	// Commit is the one that removed it: none if that is not committed yet, or
	// a merge dropped it without a trace.
	Commit      *Commit `json:"commit,omitempty"`
	Uncommitted bool    `json:"uncommitted,omitempty"`
	// Generations are those that were ever wrapped for it: it may have kept them.
	Generations []string `json:"generations"`
	StillOpens  []string `json:"still_opens"` // those whose wrapped keys are still there
	Current     bool     `json:"holds_current"`
	CouldRead   int      `json:"could_read"`      // paths, of all the history that was seen
	Gone        int      `json:"could_read_gone"` // of those, paths that are not there any more
	// Files are the present ones of which it could read this version or an earlier one.
	Files []Exposure `json:"files"`
}

// States of a file.
const (
	StateCurrent = "current" // sealed under the newest generation of its ring
	StateOlder   = "older"   // sealed under an older one
	StateUnknown = "unknown" // sealed under a key that the repository does not have
	StateOther   = "other-ring"
)

// FileReport is one file that is to be sealed.
type FileReport struct {
	Path    string `json:"path"`
	Ring    string `json:"ring,omitempty"`
	KeyID   string `json:"key_id,omitempty"`
	State   string `json:"state"`    // current, older, unknown, other-ring, plain, empty, damaged
	AgeDays int    `json:"age_days"` // of its key
	// Exposed tells that a removed recipient may have kept a key that opens it.
	Exposed bool `json:"exposed,omitempty"`
}

// Event is a commit that let a recipient in or out.
type Event struct {
	Commit    *Commit `json:"commit,omitempty"` // none: not committed yet
	Ring      string  `json:"ring"`
	Recipient string  `json:"recipient"`
	Change    string  `json:"change"` // "added" or "removed"
}
