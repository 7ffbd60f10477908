package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
)

// clouds are the fakes of one script, started when it first speaks of them.
type clouds struct {
	kms   *kmstest.Server
	vault *vaulttest.Server
}

type cloudsKey struct{}

func addClouds(env *testscript.Env) { env.Values[cloudsKey{}] = &clouds{} }

func cloudCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"kms": cmdKMS, "vault": cmdVault, "opens-with": cmdOpensWith, "refused": cmdRefused,
	}
}

func setAll(ts *testscript.TestScript, env []string) {
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		ts.Setenv(name, value)
	}
}

var kmsFaults = map[string]kmstest.Fault{
	"throttle": kmstest.Throttle, "down": kmstest.Internal500, "expired": kmstest.ExpiredToken, "hang": kmstest.Hang, "reset": kmstest.Reset,
	"truncated": kmstest.Truncated, "html": kmstest.HTML, "wrong-key": kmstest.WrongKey, "short-key": kmstest.ShortKey, "empty-key": kmstest.EmptyKey,
	"slow": kmstest.Slow(300 * time.Millisecond),
}

// kms start|key VAR [REGION...]|alias NAME VAR KEY|fault ACTION FAULT|deny ACTION [RING]
// |state KEY STATE|down REGION|well
// |calls ACTION N|atmost ACTION N|forget|contexts: what AWS does, and
// what was asked of it. 'calls', 'atmost' and 'contexts' fail the script; 'well' takes back
// all faults and denials.
func cmdKMS(ts *testscript.TestScript, neg bool, args []string) {
	const use = "kms start|key|alias|fault|deny|state|well|calls|forget|contexts ..."
	need(ts, !neg && len(args) > 0, use)
	c := ts.Value(cloudsKey{}).(*clouds)
	if c.kms == nil {
		s, err := kmstest.Start()
		ts.Check(err)
		ts.Defer(s.Close)
		c.kms = s
	}
	verb, args := args[0], args[1:]
	switch {
	case verb == "start":
		setAll(ts, c.kms.Env())
	case verb == "key" && len(args) == 1:
		ts.Setenv(args[0], c.kms.CreateKey(kmstest.Region))
	case verb == "key" && len(args) > 1:
		ts.Setenv(args[0], c.kms.CreateMultiRegionKey(args[1:]...)[0])
	case verb == "alias" && len(args) == 3:
		ts.Setenv(args[1], c.kms.SetAlias(args[0], args[2]))
	case verb == "fault" && len(args) == 2:
		fault, ok := kmsFaults[args[1]]
		need(ts, ok, "no such fault")
		c.kms.Inject(kmstest.At{Action: args[0]}, fault)
	case verb == "down" && len(args) == 1:
		c.kms.Inject(kmstest.At{Region: args[0]}, kmstest.Internal500)
	case verb == "deny" && len(args) >= 1:
		d := kmstest.Denial{Action: args[0]}
		if len(args) == 2 {
			d.Context = map[string]string{"ring": args[1]}
		}
		c.kms.Deny(d)
	case verb == "state" && len(args) == 2:
		c.kms.SetState(args[0], kmstest.State(args[1]))
	case verb == "well":
		c.kms.Heal()
		c.kms.AllowAll()
	case verb == "calls" && len(args) == 2:
		wantCalls(ts, args, c.kms.Calls(args[0]))
	case verb == "atmost" && len(args) == 2:
		most, err := strconv.Atoi(args[1])
		if n := c.kms.Calls(args[0]); err != nil || n > most || n == 0 {
			ts.Fatalf("%s was called %d times, want 1 to %s", args[0], n, args[1])
		}
	case verb == "forget":
		c.kms.Forget()
	case verb == "contexts":
		ts.Check(checkContexts(c.kms.Requests()))
	default:
		ts.Fatalf("usage: %s", use)
	}
}

func wantCalls(ts *testscript.TestScript, args []string, got int) {
	if want, err := strconv.Atoi(args[1]); err != nil || got != want {
		ts.Fatalf("%s was called %d times, want %s", args[0], got, args[1])
	}
}

// checkContexts asks that every call that can carry an encryption context
// carried exactly the four members of DESIGN §3.
func checkContexts(all []kmstest.Request) error {
	n := 0
	for _, r := range all {
		if !slices.Contains([]string{"Encrypt", "Decrypt", "GenerateDataKey", "ReEncrypt"}, r.Action) {
			continue
		}
		n++
		if len(r.Context) != 4 || r.Context["app"] != "git-envelope" || len(r.Context["repository"]) != 36 || r.Context["ring"] == "" || len(r.Context["key-id"]) != 32 {
			return fmt.Errorf("%s came with the encryption context %v", r.Action, r.Context)
		}
	}
	if n == 0 {
		return fmt.Errorf("no call came with an encryption context")
	}
	return nil
}

var vaultFaults = map[string]vaulttest.Fault{
	"throttle": vaulttest.Throttle(0), "down": vaulttest.Internal, "hang": vaulttest.Hang, "reset": vaulttest.Reset, "truncated": vaulttest.Truncated,
	"html": vaulttest.HTML, "wrong-key": vaulttest.WrongPlain, "short-key": vaulttest.ShortPlain, "empty-key": vaulttest.EmptyPlain,
	"login": vaulttest.Login(700082), "garbage": vaulttest.Garbage,
}

// vault start|key VAR NAME TYPE|rotate NAME|fault OP FAULT|deny OP|well|calls OP N|forget:
// the same for Azure.
func cmdVault(ts *testscript.TestScript, neg bool, args []string) {
	const use = "vault start|key|rotate|fault|deny|well|calls|forget ..."
	need(ts, !neg && len(args) > 0, use)
	c := ts.Value(cloudsKey{}).(*clouds)
	if c.vault == nil {
		s, err := vaulttest.Start()
		ts.Check(err)
		ts.Defer(s.Close)
		c.vault = s
	}
	verb, args := args[0], args[1:]
	switch {
	case verb == "start":
		setAll(ts, c.vault.Env())
		ts.Setenv("VAULT_HOST", c.vault.Host())
	case verb == "key" && len(args) == 3:
		c.vault.AddKey(args[1], vaulttest.KeyType(args[2]))
		ts.Setenv(args[0], c.vault.KeyURL(args[1]))
	case verb == "rotate" && len(args) == 1:
		c.vault.Rotate(args[0])
	case verb == "fault" && len(args) == 2:
		fault, ok := vaultFaults[args[1]]
		need(ts, ok, "no such fault")
		c.vault.Inject(vaulttest.Op(args[0]), "", fault)
	case verb == "deny" && len(args) == 1:
		c.vault.Deny("", vaulttest.Op(args[0]), "", vaulttest.ByRBAC)
	case verb == "well":
		c.vault.Mend()
		c.vault.Allow()
	case verb == "calls" && len(args) == 2:
		wantCalls(ts, args, c.vault.Count(vaulttest.Op(args[0])))
	case verb == "forget":
		c.vault.ResetCounts()
	default:
		ts.Fatalf("usage: %s", use)
	}
}

// opens-with KIND COMMAND…: does what 'kms …' or 'vault …' says, then the ring is
// opened by a recipient of that kind; afterwards all is well again.
func cmdOpensWith(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 2, "opens-with KIND kms|vault ...")
	cloudCommands()[args[1]](ts, false, args[2:])
	ts.Check(ts.Exec("git", "envelope", "status"))
	if out := ts.ReadFile("stdout"); !strings.Contains(out, "opens with "+args[0]+" ") {
		ts.Fatalf("not opened with %s", args[0])
	}
	allWell(ts)
}

// refused COMMAND…: does that, then the ring counts as tampered with.
func cmdRefused(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) > 1, "refused kms|vault ...")
	cloudCommands()[args[0]](ts, false, args[1:])
	cmdExits(ts, false, []string{"5", "git-envelope", "cat", "HEAD:secret/a"})
	allWell(ts)
}

func allWell(ts *testscript.TestScript) {
	cmdKMS(ts, false, []string{"well"})
	cmdVault(ts, false, []string{"well"})
}
