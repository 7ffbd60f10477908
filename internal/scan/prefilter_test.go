package scan

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// typical are keywords as rules have them: prefixes, services, common names.
var typical = strings.Fields(`key token secret passw pwd auth credential api_key apikey private access_key client_id
	connectionstring bearer login sign cert salt hash-key session jwt encryption passphrase
	ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- akia asia xoxb- xoxp- sk_live_ rk_live_ sq0atp- shpat_ dop_v1_ npm_ pypi-
	hvs. atlassian datadog sentry stripe twilio sendgrid mailgun mailchimp slack discord telegram dropbox facebook
	heroku cloudflare digitalocean linode vultr hetzner scaleway algolia airtable asana bitbucket circleci codecov
	confluent contentful databricks doppler dynatrace fastly figma flickr grafana hubspot intercom jfrog kraken
	launchdarkly linear linkedin mapbox messagebird netlify newrelic notion okta openai pagerduty plaid planetscale
	postman pulumi rapidapi readme sumologic snyk sonar splunk squarespace terraform travis trello twitch typeform
	vault yandex zendesk zoom -----begin postgres:// mysql:// mongodb:// amqp:// redis:// https:// accountkey= sharedaccesssignature
	aiza ya29. eyj age-secret-key- aws_ azure gcp`)

func TestPrefilter(t *testing.T) {
	f := newPrefilter(typical)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		text := hostileText(rnd)
		from := rnd.IntN(len(text) + 1)
		to := from + rnd.IntN(len(text)-from+1)
		if got, want := allHits(f, text, from, to), plainHits(text, from, to); !slices.Equal(got, want) {
			t.Fatalf("%q [%d:%d]\n got %v\nwant %v", text, from, to, got, want)
		}
	}
}

// hostileText is mostly keywords and pieces of them.
func hostileText(rnd *rand.Rand) []byte {
	var b []byte
	for range rnd.IntN(30) {
		k := typical[rnd.IntN(len(typical))]
		switch rnd.IntN(4) {
		case 0:
			k = strings.ToUpper(k)
		case 1:
			k = k[:rnd.IntN(len(k)+1)]
		case 2:
			b = append(b, byte(rnd.IntN(256)))
		}
		b = append(b, k...)
	}
	if rnd.IntN(50) == 0 {
		b = bytes.Repeat(b, 40)
	}
	return b
}

func allHits(f *prefilter, text []byte, from, to int) (all []hit) {
	for from < to {
		var hits []hit
		hits, from = f.find(text, from, to, nil)
		all = append(all, hits...)
	}
	slices.SortFunc(all, byPlace)
	return all
}

func byPlace(a, b hit) int {
	if a.at != b.at {
		return a.at - b.at
	}
	return int(a.keyword) - int(b.keyword)
}

func plainHits(text []byte, from, to int) (all []hit) {
	var low []byte
	for _, c := range text {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		low = append(low, c)
	}
	for at := from; at < to; at++ {
		for i, k := range typical {
			if bytes.HasPrefix(low[at:], []byte(k)) {
				all = append(all, hit{at, uint16(i)})
			}
		}
	}
	return all
}

// sources are Go's own, up to a size, as one text of real code.
func sources(tb testing.TB, size int) []byte {
	tb.Helper()
	var b []byte
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		tb.Skip("no go here")
	}
	root := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || len(b) >= size {
			return fs.SkipAll
		}
		if !d.IsDir() && filepath.Ext(path) == ".go" {
			text, _ := os.ReadFile(path)
			b = append(b, text...)
		}
		return nil
	})
	if len(b) < size {
		tb.Skip("no source of Go here")
	}
	return b[:size]
}

func BenchmarkPrefilter(b *testing.B) {
	text := sources(b, 16<<20)
	f := newPrefilter(typical)
	var hits []hit
	n := 0
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		n = 0
		for from := 0; from < len(text); {
			hits, from = f.find(text, from, len(text), hits[:0])
			n += len(hits)
		}
	}
	b.ReportMetric(float64(n)/float64(len(text)>>10), "hits/KiB")
}
