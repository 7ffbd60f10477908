package rules

import (
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// makers make sound secrets where Pattern or Value alone can't: rules with a
// Check, and with Detect. The test files beside the rules' files fill it.
var makers = map[string]func(*rand.Rand) string{
	"github-pat":         func(r *rand.Rand) string { return githubToken(r, "ghp_") },
	"github-oauth-token": func(r *rand.Rand) string { return githubToken(r, "gho_") },
}

// seed makes all samples; another one makes others, which must pass as well.
const seed = 20261124

// frames are where credentials stand in real files: KEY is the name, {} the secret.
var frames = []string{
	"KEY={}\n",
	"export KEY=\"{}\"\n",
	"KEY: {}\n",
	"  \"KEY\": \"{}\",\n",
	"KEY = '{}';\n",
	"const KEY = \"{}\"\n",
	"<add name=\"x\" KEY=\"{}\" />\n",
}

func TestRules(t *testing.T) {
	all := All()
	if len(all) < 2 {
		t.Fatalf("only %d rules", len(all))
	}
	ids := map[string]bool{}
	for _, r := range all {
		if ids[r.ID] {
			t.Errorf("%s: two rules of this id", r.ID)
		}
		ids[r.ID] = true
		t.Run(r.ID, func(t *testing.T) { testRule(t, r) })
	}
	for id := range makers {
		if !ids[id] {
			t.Errorf("a maker for %s, which is no rule", id)
		}
	}
}

var idShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

func testRule(t *testing.T, r scan.Rule) {
	describe(t, r)
	engine, err := scan.New(scan.Options{Rules: []scan.Rule{r}})
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(seed, uint64(len(r.ID))))
	for range 20 {
		secret := make1(t, r, rnd)
		for _, text := range texts(r) {
			if got := find(t, engine, strings.ReplaceAll(text, "{}", secret)); !got {
				t.Errorf("not found in %q: %q", text, secret)
			}
		}
		for _, text := range r.Miss {
			if find(t, engine, strings.ReplaceAll(text, "{}", secret)) {
				t.Errorf("found in %q", text)
			}
		}
		if !r.Inside && !r.Whole && r.Detect == nil {
			if long := "x" + secret + "x"; r.Pattern != "" && !strings.Contains(r.Pattern, "(") && find(t, engine, long) {
				t.Errorf("found within a longer word: %q", long)
			}
		}
	}
}

// describe checks what people read.
func describe(t *testing.T, r scan.Rule) {
	if !idShape.MatchString(r.ID) || r.Title == "" || strings.HasSuffix(r.Title, ".") || r.Severity < scan.Low || r.Severity > scan.Critical {
		t.Errorf("id %q, title %q, severity %v", r.ID, r.Title, r.Severity)
	}
	if u, err := url.Parse(r.Source); err != nil || u.Scheme != "https" || u.Host == "" {
		t.Errorf("source %q", r.Source)
	}
	if len(r.Keywords) == 0 != r.Alone {
		t.Error("no keywords")
	}
	for _, k := range r.Keywords {
		if len(k) < 3 || k != strings.ToLower(k) || strings.ContainsFunc(k, func(c rune) bool { return c >= 0x80 }) {
			t.Errorf("keyword %q", k)
		}
	}
	set := 0
	for _, is := range []bool{r.Pattern != "", r.Value != "", r.Detect != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		t.Error("exactly one of Pattern, Value and Detect must be set")
	}
}

// texts are the samples that must match: those of the rule, and for secrets that
// stand alone, every frame.
func texts(r scan.Rule) []string {
	out := append([]string(nil), r.Match...)
	if r.Detect != nil || strings.Contains(r.Pattern, "(") && len(r.Match) > 0 {
		return out
	}
	name := "api_key"
	if r.Value != "" {
		name = strings.Trim(r.Keywords[0], "_-.") + "_key"
	}
	for _, f := range frames {
		out = append(out, strings.ReplaceAll(f, "KEY", name))
	}
	return out
}

func make1(t *testing.T, r scan.Rule, rnd *rand.Rand) string {
	if m := makers[r.ID]; m != nil {
		return m(rnd)
	}
	if r.Detect != nil || r.Check != nil {
		t.Fatal("needs a maker of sound secrets in the rule's _test.go")
	}
	return generate(t, r.Pattern+r.Value, rnd)
}

func find(t *testing.T, e *scan.Engine, text string) (yes bool) {
	t.Helper()
	if _, err := e.Scanner().Scan(t.Context(), strings.NewReader(text), func(*scan.Match) { yes = true }); err != nil {
		t.Fatal(err)
	}
	return yes
}

func githubToken(r *rand.Rand, prefix string) string {
	body := chars(r, base62Digits, 30)
	return prefix + body + base62(crc(body), 6)
}

// chars makes n characters of an alphabet.
func chars(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}
