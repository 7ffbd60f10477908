package audit_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/audit"
)

func render(t *testing.T, f audit.Facts) string {
	t.Helper()
	var b strings.Builder
	if err := audit.Build(f).HTML(&b, show); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	scripts = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
	styles  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
)

// TestPage: whatever is in it, the page is well-formed (as XML, which is stricter
// than HTML), names its own script and style by their hashes, and nothing else.
func TestPage(t *testing.T) {
	for name, f := range map[string]audit.Facts{"nothing": {}, "sample": sample(), "hostile": hostile(), "large": large()} {
		t.Run(name, func(t *testing.T) {
			page := render(t, f)
			for _, r := range []*regexp.Regexp{scripts, styles} {
				found := r.FindAllStringSubmatch(page, -1)
				if len(found) != 1 {
					t.Fatalf("%d matches of %s", len(found), r)
				}
				sum := sha256.Sum256([]byte(found[0][1]))
				if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(strings.ReplaceAll(page, "&#43;", "+"), "&#39;sha256-"+hash+"&#39;") {
					t.Errorf("the policy does not name the hash of what %s matches", r)
				}
				page = r.ReplaceAllString(page, "")
			}
			wellFormed(t, page)
			for _, no := range []string{"//", "src=", "style=", "<iframe", "<form", "<link", "onclick", "unsafe"} {
				if strings.Contains(tags(page), no) {
					t.Errorf("%q is in the page's own tags", no)
				}
			}
		})
	}
}

// tags are those of a page, without the text between them and without the
// attributes that show names.
func tags(page string) string {
	all := regexp.MustCompile(`<[^>]*>`).FindAllString(page, -1)
	return regexp.MustCompile(` (title|xmlns|datetime)="[^"]*"`).ReplaceAllString(strings.Join(all, ""), "")
}

func wellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	ids := map[string]bool{}
	var links []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "id":
				if ids[a.Value] {
					t.Errorf("id %q appears twice", a.Value)
				}
				ids[a.Value] = true
			case "href":
				links = append(links, strings.TrimPrefix(a.Value, "#"))
			case "aria-labelledby":
				links = append(links, strings.Fields(a.Value)...)
			}
		}
	}
	if len(ids) < 4 || len(links) < 4 {
		t.Errorf("only %d ids and %d links", len(ids), len(links))
	}
	for _, link := range links {
		if !ids[link] {
			t.Errorf("%q leads nowhere", link)
		}
	}
}

// TestHostile: what a stranger named comes as text, without what controls a
// terminal or turns the direction of writing.
func TestHostile(t *testing.T) {
	page := render(t, hostile())
	var text strings.Builder
	if err := audit.Build(hostile()).Text(&text, show); err != nil {
		t.Fatal(err)
	}
	for where, got := range map[string]string{"page": page, "text": text.String()} {
		if !strings.Contains(got, "alert(1)") {
			t.Errorf("%s: the names are not there", where)
		}
		for _, no := range []string{"\x1b", "\u202e", "\u2066", "\xff", "\ufffd"} {
			if strings.Contains(got, no) {
				t.Errorf("%s: has %q", where, no)
			}
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "</svg></title>") {
		t.Error("page: a name is taken for markup")
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range []string{"", "a/b", hostileName, "]]>", "{{.}}", "<!--", "\x00", "/b", "a/", "é\u0301", strings.Repeat("/", 300)} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, path, name string) {
		facts := sample()
		facts.Files[0].Path = path
		facts.Recipients[who("alice")] = audit.Recipient{ID: who("alice"), Kind: "age", URI: name}
		facts.History.Steps[0].Commit.Author = path
		page := render(t, facts)
		wellFormed(t, styles.ReplaceAllString(scripts.ReplaceAllString(page, ""), ""))
	})
}

func BenchmarkLarge(b *testing.B) {
	facts := large()
	for b.Loop() {
		if err := audit.Build(facts).HTML(io.Discard, show); err != nil {
			b.Fatal(err)
		}
	}
}
