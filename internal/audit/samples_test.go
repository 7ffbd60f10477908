package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/git-envelope/git-envelope/internal/audit"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func daysAgo(n int) time.Time { return now.AddDate(0, 0, -n) }

// id is a made-up id of n hexadecimal digits.
func id(name string, n int) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])[:n]
}

func key(name string) string { return id("key "+name, 32) }
func who(name string) string { return id("who "+name, 16) }

func commit(name, author string, ago int) *audit.Commit {
	return &audit.Commit{ID: id("commit "+name, 40), Author: author, Time: daysAgo(ago)}
}

// people makes recipients of a kind by their names.
func people(f *audit.Facts, kind string, form func(name string) string, names ...string) (ids []string) {
	for _, name := range names {
		f.Recipients[who(name)] = audit.Recipient{ID: who(name), Kind: kind, URI: form(name)}
		ids = append(ids, who(name))
	}
	return ids
}

func ageKey(name string) string { return "age1" + id("age "+name, 58) }
func awsKey(name string) string {
	return "arn:aws:kms:eu-west-1:111122223333:alias/" + name
}
func azureKey(name string) string { return "https://" + name + ".vault.azure.net/keys/git-secrets" }

// sample is a repository with a bit of everything: three rings, a rotation, two
// recipients who left.
func sample() audit.Facts {
	f := audit.Facts{Repository: "0d6b3c1e-53b5-4bd0-9d3c-0f7c2b8a6a11", Head: id("head", 40), Now: now, Recipients: map[string]audit.Recipient{}}
	prod := append(people(&f, "aws-kms", awsKey, "prod-secrets"), people(&f, "azure-key", azureKey, "acme-prod")...)
	dev := people(&f, "age", ageKey, "alice", "bob", "carol")
	left := people(&f, "age", ageKey, "mallory", "trent")
	f.Rings = []audit.Ring{
		{Name: "prod", Recipients: append(prod[:2:2], dev[0]), RotateEvery: 90 * 24 * time.Hour, Require: []string{"aws-kms", "azure-key"}},
		{Name: "dev", Recipients: dev, RotateEvery: 365 * 24 * time.Hour},
		{Name: "ops", Recipients: dev[:1], Require: []string{"aws-kms"}},
	}
	f.Generations = []audit.Generation{
		{Ring: "prod", KeyID: key("prod 2"), Created: daysAgo(112), Wrapped: f.Rings[0].Recipients},
		{Ring: "prod", KeyID: key("prod 1"), Created: daysAgo(400), Wrapped: f.Rings[0].Recipients},
		{Ring: "dev", KeyID: key("dev 1"), Created: daysAgo(200), Wrapped: append(dev[:2:2], left[1])},
		{Ring: "ops", KeyID: key("ops 1"), Created: daysAgo(20), Wrapped: dev[:1]},
	}
	file := func(path, ring, gen string) audit.File {
		return audit.File{Path: path, Ring: ring, Stored: audit.Sealed, KeyID: key(gen), Size: int64(300 + len(path))}
	}
	for i := range 9 {
		f.Files = append(f.Files, file(fmt.Sprintf("env/dev/service-%d.env", i+1), "dev", "dev 1"))
	}
	for i := range 6 {
		gen := "prod 2"
		if i > 3 {
			gen = "prod 1"
		}
		f.Files = append(f.Files, file(fmt.Sprintf("env/prod/service-%d.env", i+1), "prod", gen))
	}
	f.Files = append(f.Files, file("terraform/prod.tfvars", "prod", "prod 2"), file("ops/tls/wildcard.key", "ops", "ops 1"),
		audit.File{Path: "ops/tls/new.key", Ring: "ops", Stored: audit.Plain, Size: 1700}, audit.File{Path: "ops/empty", Ring: "ops", Stored: audit.Empty})
	f.History.Past = append(f.History.Past, file("env/prod/service-1.env", "prod", "prod 1"), file("env/prod/removed.env", "prod", "prod 1"))
	changed := file("env/prod/service-2.env", "prod", "prod 1")
	changed.Size--
	f.History.Past = append(f.History.Past, changed)
	f.History.Steps = sampleSteps(dev, prod, left)
	return f
}

func sampleSteps(dev, prod, left []string) []audit.Step {
	all := append(prod[:2:2], dev[0])
	before := audit.Members{"prod": append(all[:3:3], left[0]), "dev": append(dev[:2:2], left[1])}
	wrappings := func(ring, gen string, ids ...string) (out []audit.Wrapping) {
		for _, id := range ids {
			out = append(out, audit.Wrapping{Ring: ring, KeyID: key(gen), Recipient: id})
		}
		return out
	}
	return []audit.Step{
		{Commit: commit("start", "Alice Example", 400), Policy: true, Before: audit.Members{}, After: before,
			Added: append(wrappings("prod", "prod 1", before["prod"]...), wrappings("dev", "dev 1", before["dev"]...)...)},
		{Commit: commit("mallory", "Alice Example", 113), Parents: 1, Policy: true, Before: before, After: audit.Members{"prod": all, "dev": before["dev"]},
			Removed: wrappings("prod", "prod 1", left[0])},
		{Commit: commit("ops", "Bob Example", 20), Parents: 1, Policy: true, Before: audit.Members{"prod": all, "dev": before["dev"]},
			After: audit.Members{"prod": all, "dev": before["dev"], "ops": dev[:1]}},
		{Commit: commit("trent", "Carol Example", 3), Parents: 1, Policy: true, Before: audit.Members{"prod": all, "dev": before["dev"], "ops": dev[:1]},
			After: audit.Members{"prod": all, "dev": dev, "ops": dev[:1]}},
	}
}

// large has 30 recipients, 20,000 paths and a key a quarter for five years.
func large() audit.Facts {
	f := audit.Facts{Repository: "7f3de1aa-2d1b-4c59-8b7e-3a1f8f2f9b10", State: "main", Head: id("large", 40), Now: now, Recipients: map[string]audit.Recipient{}}
	var staff []string
	for i := range 22 {
		staff = append(staff, people(&f, "age", ageKey, fmt.Sprintf("engineer %d", i))...)
	}
	var clouds []string
	for i := range 4 {
		clouds = append(clouds, people(&f, "aws-kms", awsKey, fmt.Sprintf("team-%d-secrets-with-a-long-name", i))...)
		clouds = append(clouds, people(&f, "azure-key", azureKey, fmt.Sprintf("acme-team-%d", i))...)
	}
	gone := people(&f, "age", ageKey, "left 1", "left 2", "left 3")
	for i, ring := range []string{"prod", "staging", "dev", "infra", "payments", "mobile-app-signing"} {
		in := append(clouds[i:i+2:i+2], staff[3*i:3*i+4+i%3]...)
		f.Rings = append(f.Rings, audit.Ring{Name: ring, Recipients: in, RotateEvery: 90 * 24 * time.Hour})
		for q := range 20 {
			g := audit.Generation{Ring: ring, KeyID: key(fmt.Sprint(ring, q)), Created: daysAgo(60 + 91*q + i), Wrapped: in}
			f.Generations = append(f.Generations, g)
		}
	}
	for i := range 20_000 {
		ring := f.Rings[i%6].Name
		age := 0
		if i%37 == 0 {
			age = i % 5
		}
		f.Files = append(f.Files, audit.File{Path: fmt.Sprintf("%s/%s/region-%d/service-%05d.yaml", []string{"deploy", "env", "clusters"}[i%3], ring, i%11, i),
			Ring: ring, Stored: audit.Sealed, KeyID: key(fmt.Sprint(ring, age)), Size: 400})
	}
	for i, id := range gone {
		ring := f.Rings[i].Name
		f.History.Steps = append(f.History.Steps, audit.Step{Commit: commit(id, "Dana Example", 500-i), Parents: 1, Policy: true,
			Before: audit.Members{ring: {id}}, After: audit.Members{ring: {}}, Removed: []audit.Wrapping{{Ring: ring, KeyID: key(ring + "2"), Recipient: id}}})
	}
	return f
}

// hostileName has what may not reach a page or a terminal as it is.
const hostileName = "<script>alert(1)</script>\"'`&\u202egnp.\u2066\n\x1b[31m\xff</title></svg>"

// hostile has it in every place where a repository can put a name.
func hostile() audit.Facts {
	f := sample()
	for i := range f.Files {
		f.Files[i].Path = hostileName + "/" + f.Files[i].Path
	}
	for id, r := range f.Recipients {
		r.URI, r.Kind = hostileName+id, "age"
		f.Recipients[id] = r
	}
	for i := range f.History.Steps {
		f.History.Steps[i].Commit.Author = hostileName
	}
	f.State, f.Repository = hostileName, hostileName
	f.History.Cut = []string{hostileName}
	return f
}

// show is what the command gives.
func show(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == '\ufffd' {
			return '?'
		}
		return r
	}, s)
}
