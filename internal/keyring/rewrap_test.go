package keyring_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// services is a ring "prod" of a KMS that moves wrapped keys itself, a vault that
// does not, and a key of a person.
type services struct {
	*world
	kms    *keystest.MemoryService
	vault  *keystest.MemoryVault
	person *keystest.Memory
	gens   []keys.Generation
}

func newServices(t *testing.T, generations int) *services {
	t.Helper()
	s := &services{newWorld(t, "unused"), keystest.NewMemoryService("kms"), keystest.NewMemoryVault("vault"), keystest.NewMemory("person"), nil}
	s.registry = keys.NewRegistry(s.kms, s.vault, s.person)
	s.cfg.Providers = s.registry
	s.recipients = []keys.Recipient{s.kms.Recipient("a"), s.vault.Recipient("b"), s.person.Recipient("c")}
	for i := range generations {
		s.gens = append(s.gens, s.add(noon.AddDate(0, 0, i)))
	}
	return s
}

// rewrap runs Rewrap as a new process would, and puts its files where they belong.
func (s *services) rewrap(renew bool) ([]keyring.File, []keyring.Standing, error) {
	s.t.Helper()
	files, standings, err := s.keyring().Rewrap(s.t.Context(), []string{"prod"}, s.recipients, renew)
	for _, f := range files {
		s.here.files = slices.DeleteFunc(s.here.files, func(old keyring.File) bool { return old.Path == f.Path })
		if f.Data != nil {
			s.here.put(f)
		}
	}
	return files, standings, err
}

// summary counts what was done in which state: "current 3, missing wrapped 1".
func summary(standings []keyring.Standing) string {
	count := map[string]int{}
	var order []string
	for _, s := range standings {
		what := strings.TrimSpace(string(s.State) + " " + string(s.Done))
		if count[what] == 0 {
			order = append(order, what)
		}
		count[what]++
	}
	slices.Sort(order)
	for i, what := range order {
		order[i] = fmt.Sprint(what, " ", count[what])
	}
	return strings.Join(order, ", ")
}

// calls are what the services were asked: unwraps, wraps, moves, questions.
func (s *services) calls() string {
	unwraps := s.kms.Unwraps("a") + s.vault.Unwraps("b") + s.person.Unwraps("c")
	return fmt.Sprintf("%d unwraps, %d moves, %d+%d questions", unwraps, s.kms.Rewraps("a"), s.kms.Asked("a"), s.vault.Asked("b"))
}

// openWith asks that every generation opens by one recipient alone.
func (s *services) openWith(index int) {
	s.t.Helper()
	all := s.here.files
	defer func() { s.here.files = all }()
	s.here.files = nil
	for _, f := range all {
		if strings.HasSuffix(f.Path, s.recipients[index].ID()+".json") {
			s.here.put(f)
		}
	}
	for _, gen := range s.gens {
		got, err := s.keyring().Open(s.t.Context(), gen.ID, "")
		wantKey(s.t, got, err, gen)
	}
}

func (s *services) pathOf(gen, recipient int) string {
	return keyring.Path("prod", s.gens[gen].ID, s.recipients[recipient].ID())
}

func TestRewrap(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*services)
		renew   bool
		want    string // of the standings
		calls   string
		changed int // files
	}{
		{"nothing to do", func(*services) {}, false, "current 9", "0 unwraps, 0 moves, 1+1 questions", 0},
		{"alias moved", func(s *services) { s.kms.Move("a") }, false,
			"current 6, outdated moved 3", "0 unwraps, 3 moves, 1+1 questions", 3},
		{"new version", func(s *services) { s.vault.Move("b") }, false,
			"current 6, outdated wrapped 3", "3 unwraps, 0 moves, 1+1 questions", 3},
		{"both", func(s *services) { s.kms.Move("a"); s.vault.Move("b") }, false,
			"current 3, outdated moved 3, outdated wrapped 3", "3 unwraps, 3 moves, 1+1 questions", 6},
		{"renewed", func(s *services) {}, true, "current moved 3, current wrapped 6", "3 unwraps, 3 moves, 0+1 questions", 9},
		{"new recipient", func(s *services) { s.recipients = append(s.recipients, s.person.Recipient("d")) }, false,
			"current 9, missing wrapped 3", "3 unwraps, 0 moves, 1+1 questions", 3},
		{"recipient gone", func(s *services) { s.recipients = s.recipients[:2] }, false,
			"current 6, stale removed 3", "0 unwraps, 0 moves, 1+1 questions", 3},
		{"recipient exchanged", func(s *services) { s.recipients[2] = s.person.Recipient("d") }, false,
			"current 6, missing wrapped 3, stale removed 3", "3 unwraps, 0 moves, 1+1 questions", 6},
		{"damaged", func(s *services) { s.edit(s.pathOf(1, 2), func([]byte) []byte { return []byte("junk") }) }, false,
			"current 8, damaged wrapped 1", "1 unwraps, 0 moves, 1+1 questions", 1},
		{"damaged, the index's is good", func(s *services) {
			s.here.files = append([]keyring.File{{Path: s.pathOf(1, 2), Data: []byte("junk")}}, s.here.files...)
		}, false, "current 8, damaged restored 1", "0 unwraps, 0 moves, 1+1 questions", 1},
		{"damaged, the index's is outdated", func(s *services) {
			s.here.files = append([]keyring.File{{Path: s.pathOf(1, 0), Data: []byte("junk")}}, s.here.files...)
			s.kms.Move("a")
		}, false, "current 6, damaged moved 1, outdated moved 2", "0 unwraps, 3 moves, 1+1 questions", 3},
		{"damaged and nobody's", func(s *services) {
			s.here.put(keyring.File{Path: keyring.Path("prod", s.gens[0].ID, "0011223344556677"), Data: []byte("junk")})
		}, false, "current 9, damaged removed 1", "0 unwraps, 0 moves, 1+1 questions", 1},
		{"service out of reach", func(s *services) { s.kms.SetMode("a", keystest.Unreachable); s.vault.Move("b") }, false,
			"current 3, outdated wrapped 3, unknown 3", "4 unwraps, 0 moves, 1+1 questions", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServices(t, 3)
			tt.change(s)
			files, standings, err := s.rewrap(tt.renew)
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(standings); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := s.calls(); got != tt.calls {
				t.Errorf("%s, want %s", got, tt.calls)
			}
			if len(files) != tt.changed {
				t.Errorf("%d files changed, want %d", len(files), tt.changed)
			}
			s.kms.SetMode("a", keystest.Normal)
			for i := range s.recipients {
				s.openWith(i)
			}
			files, standings, err = s.rewrap(false)
			if want := fmt.Sprint("current ", 3*len(s.recipients)); err != nil || len(files) != 0 || summary(standings) != want {
				t.Errorf("again: %d files, %s, %v", len(files), summary(standings), err)
			}
		})
	}
}

// TestReviewAsksOnce: however many generations and names a ring has.
func TestReviewAsksOnce(t *testing.T) {
	s := newServices(t, 5)
	_, files := s.generation("old-name", noon)
	s.here.put(files...)
	s.kms.Move("a")
	standings, err := s.keyring().Review(t.Context(), []string{"prod", "old-name"}, s.recipients)
	if err != nil || summary(standings) != "current 12, outdated 6" {
		t.Errorf("%s, %v", summary(standings), err)
	}
	if got := s.calls(); got != "0 unwraps, 0 moves, 1+1 questions" {
		t.Error(got)
	}
	for _, st := range standings {
		if st.State == keyring.Outdated && (st.Key != "mem:a" || st.Newest != "mem:a#1") || st.Done != "" {
			t.Errorf("%+v", st)
		}
	}
}

// TestRewrapRefuses: there are no files then, whatever could have been done.
func TestRewrapRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*services)
		renew  bool
		want   string
	}{
		{"cannot be opened", func(s *services) {
			s.recipients = append(s.recipients, s.person.Recipient("d"))
			s.kms.SetMode("a", keystest.Deny)
			s.vault.SetMode("b", keystest.Absent)
			s.person.SetMode("c", keystest.Foreign)
		}, false, "no recipient could be opened"},
		{"cannot be wrapped", func(s *services) {
			s.recipients = append(s.recipients, s.person.Recipient("d"))
			s.person.SetMode("d", keystest.Broken)
		}, false, "something"},
		{"the service does not answer", func(s *services) { s.kms.SetMode("a", keystest.Throttle) }, true, "throttled"},
		{"the service fails authentication", func(s *services) {
			s.kms.Move("a")
			s.edit(s.pathOf(2, 0), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"ciphertext": "`), []byte(`"ciphertext": "AAAA`), 1)
			})
		}, false, "tampered with"},
		{"a time that lies", func(s *services) {
			s.recipients = append(s.recipients, s.person.Recipient("d"))
			s.edit(s.pathOf(2, 1), replace("2026-02-02", "2026-02-03"))
		}, false, "tampered with"},
		{"a MAC that lies", func(s *services) {
			s.cfg.Prefer = []string{"person"}
			s.recipients = append(s.recipients, s.person.Recipient("d"))
			s.kms.Move("a")
			s.edit(s.pathOf(1, 0), func(b []byte) []byte {
				i := bytes.Index(b, []byte(`"mac": "`)) + len(`"mac": "`)
				if b[i] == 'A' {
					b[i] = 'B'
				} else {
					b[i] = 'A'
				}
				return b
			})
		}, false, "tampered with"},
		{"a file of a newer version", func(s *services) { s.edit(s.pathOf(0, 0), replace(`"version": 1`, `"version": 2`)) }, false, "newer version"},
		{"nothing but damage", func(s *services) {
			s.edit(s.gens[1].ID.String(), func([]byte) []byte { return []byte("junk") })
		}, false, "malformed"},
		{"a recipient of no known kind", func(s *services) {
			s.recipients = append(s.recipients, keys.Recipient{Kind: "new", URI: "x"})
		}, false, "no provider"},
		{"no recipients", func(s *services) { s.recipients = nil }, false, "no recipients"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServices(t, 3)
			tt.change(s)
			files, _, err := s.keyring().Rewrap(t.Context(), []string{"prod"}, s.recipients, tt.renew)
			if err == nil || files != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%d files, error %v, want %q", len(files), err, tt.want)
			}
		})
	}
}

// TestMoveRefused: who may not have a service re-encrypt opens and wraps instead.
func TestMoveRefused(t *testing.T) {
	s := newServices(t, 2)
	s.kms.Move("a")
	refusing := &refuser{s.kms}
	s.cfg.Providers = keys.NewRegistry(refusing, s.vault, s.person)
	s.cfg.Prefer = []string{"person"}
	_, standings, err := s.rewrap(false)
	if err != nil || summary(standings) != "current 4, outdated wrapped 2" {
		t.Errorf("%s, %v", summary(standings), err)
	}
	s.openWith(0)
	s.kms.Move("a")
	s.person.SetMode("c", keystest.Absent)
	s.vault.SetMode("b", keystest.Deny)
	s.kms.SetMode("a", keystest.Normal)
	s.cfg.Providers = keys.NewRegistry(&refuser{s.kms}, s.vault, s.person)
	if _, standings, err = s.rewrap(false); err != nil || summary(standings) != "current 2, outdated wrapped 2, unknown 2" {
		t.Errorf("%s, %v", summary(standings), err)
	}
}

// refuser is a service that is not let re-encrypt.
type refuser struct{ *keystest.MemoryService }

func (*refuser) Rewrap(_ context.Context, r keys.Recipient, _ keys.Context, _ keys.Wrapped) (keys.Wrapped, error) {
	return keys.Wrapped{}, &keys.Error{Kind: keys.Denied, Recipient: r.Display(), Message: "kms:ReEncryptFrom"}
}
