package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/big"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-envelope/git-envelope/internal/report"
)

// scanCommands are what scripts about the scanner can say.
func scanCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"findings": cmdFindings,
		"found":    cmdFound,
		"scan":     cmdScan,
		"secret":   cmdSecret,
	}
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// secret NAME…: each variable is a new token that no file of the repository has:
// a GitHub one with a sound checksum. From here on no output may show it.
func cmdSecret(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 0, "secret NAME...")
	for _, name := range args {
		var body strings.Builder
		for range 30 {
			n, err := rand.Int(rand.Reader, big.NewInt(62))
			ts.Check(err)
			body.WriteByte(base62[n.Int64()])
		}
		sum := [6]byte{}
		for i, n := 5, crc32.ChecksumIEEE([]byte(body.String())); i >= 0; i, n = i-1, n/62 {
			sum[i] = base62[n%62]
		}
		token := "ghp" + "_" + body.String() + string(sum[:])
		ts.Setenv(name, token)
		ts.Setenv("SECRETS", strings.TrimSpace(ts.Getenv("SECRETS")+" "+token))
	}
}

// unspoken checks that the last program printed nothing of a secret: no eight
// characters in a row, nor all of it encoded.
func unspoken(ts *testscript.TestScript) {
	for _, stream := range []string{"stdout", "stderr"} {
		text := []byte(ts.ReadFile(stream))
		for _, token := range strings.Fields(ts.Getenv("SECRETS")) {
			if shows(text, token) {
				ts.Fatalf("a secret is shown on %s", stream)
			}
		}
	}
}

func shows(text []byte, token string) bool {
	body := strings.TrimPrefix(token, "ghp"+"_")
	for i := 0; i+8 <= len(body); i++ {
		if bytes.Contains(text, []byte(body[i:i+8])) {
			return true
		}
	}
	for i := range 3 { // where it stands in groups of three bytes
		if bytes.Contains(text, []byte(base64.RawStdEncoding.EncodeToString([]byte(body[i:i+12])))) {
			return true
		}
	}
	return bytes.Contains(text, []byte(hex.EncodeToString([]byte(body[:12]))))
}

// scan CODE ARGS…: runs 'git-envelope scan', as JSON for found and findings.
func cmdScan(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 1, "scan CODE ARGS...")
	cmdExits(ts, false, append([]string{args[0], "git-envelope", "scan", "--format=json"}, args[1:]...))
}

func lastReport(ts *testscript.TestScript) *report.Report {
	r := new(report.Report)
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), r); err != nil {
		ts.Fatalf("no report: %v", err)
	}
	return r
}

// findings N: the last scan has so many that count.
func cmdFindings(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 1, "findings N")
	if r := lastReport(ts); fmt.Sprint(len(r.Findings)) != args[0] {
		ts.Fatalf("%d findings, want %s", len(r.Findings), args[0])
	}
}

// [!] found [RULE:]PLACE GLOB [COMMIT…]: the last scan has a finding of the rule
// (without one: of a token made by secret) at a place and path, and names just
// these commits for it. Place and path are
// * for any.
func cmdFound(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) >= 2, "[!] found [RULE:]PLACE PATH [COMMIT...]")
	rule, place, ok := strings.Cut(args[0], ":")
	if !ok {
		rule, place = "github-pat", args[0]
	}
	r := lastReport(ts)
	for _, f := range r.Findings {
		at, err := path.Match(args[1], f.Path)
		ts.Check(err)
		if f.Rule != rule || f.Place != place && place != "*" || !at && args[1] != "*" {
			continue
		}
		if len(args) > 2 && !sameCommits(ts, f, args[2:]) {
			continue
		}
		if neg {
			ts.Fatalf("found in %s at %s", f.Place, f.Path)
		}
		return
	}
	if !neg {
		ts.Fatalf("not found among %d findings", len(r.Findings))
	}
}

func sameCommits(ts *testscript.TestScript, f report.Finding, revs []string) bool {
	var got, want []string
	for _, c := range f.Commits {
		got = append(got, c.OID)
	}
	for _, rev := range revs {
		want = append(want, strings.TrimSpace(string(quietGit(ts, "rev-parse", rev+"^{commit}"))))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Logf("%s at %s: brought by %v, not %v", f.Rule, f.Path, got, want)
		return false
	}
	return true
}
