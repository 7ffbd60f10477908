package azurekv

import (
	"bytes"
	"encoding/base64"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestProxy: a proxy would answer for its own machine, if at all.
func TestProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://proxy.example:3128")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+metadataHost+"/metadata/identity/oauth2/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	if u, err := proxy(r); u != nil || err != nil {
		t.Errorf("the metadata service is asked through %v, %v", u, err)
	}
}

// TestPatience: nobody waits long for a metadata service that is not there.
func TestPatience(t *testing.T) {
	for address, want := range map[string]time.Duration{
		"169.254.169.254:80": metadataTimeout, "169.254.169.25:80": dialTimeout, "acme.vault.azure.net:443": dialTimeout,
	} {
		if got := patienceWith(address); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestPrincipalOf(t *testing.T) {
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	for _, tt := range []struct{ token, want string }{
		{token(`{"upn":"ann@example.com","oid":"1-2"}`), "ann@example.com oid 1-2"},
		{token(`{"unique_name":"live.com#ann","oid":"1-2"}`), "live.com#ann oid 1-2"},
		{token(`{"appid":"3-4","oid":"1-2"}`), "appid 3-4 oid 1-2"},
		{token(`{"appid":"3-4"}`), "appid 3-4"},
		{token(`{"oid":"1-2"}`), "oid 1-2"},
		{token(`{}`), ""},
		{token(`{"upn":"a\nb\u001b[31m","oid":"1"}`), "a b [31m oid 1"},
		{token(`{"upn":"` + strings.Repeat("a", 1000) + `"}`), strings.Repeat("a", 200) + "…"},
		{token(`{"upn":7}`), ""},
		{token(`nothing`), ""},
		{"opaque", ""},
		{"a.b", ""},
		{"a.%.c", ""},
		{"e30." + strings.Repeat("A", maxToken) + ".c2ln", ""},
		{"", ""},
	} {
		if got := principalOf(tt.token); got != tt.want {
			t.Errorf("principalOf(%.60q) = %q, want %q", tt.token, got, tt.want)
		}
	}
}

func TestLasting(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{&net.DNSError{IsNotFound: true}, true},
		{&net.DNSError{IsTimeout: true}, false},
		{&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, true},
		{&net.OpError{Op: "read"}, false},
	} {
		if got := shouldRetry(nil, tt.err); got == tt.want {
			t.Errorf("shouldRetry(%v) = %v", tt.err, got)
		}
	}
}

// FuzzParseStored: what is accepted is what would be written, for that recipient
// and within bounds.
func FuzzParseStored(f *testing.F) {
	u, err := strictURL("https://acme.vault.azure.net/keys/git")
	if err != nil {
		f.Fatal(err)
	}
	n := append([]byte{0x80}, make([]byte, 255)...)
	n[255] = 1
	public, err := publicKey(n, []byte{1, 0, 1})
	if err != nil {
		f.Fatal(err)
	}
	k := &key{url: u.at("0123456789abcdef0123456789abcdef"), public: public, fetched: time.Unix(1800000000, 0)}
	f.Add(k.marshal(u))
	k.notBefore, k.expires = time.Unix(-5, 0), time.Unix(1900000000, 0)
	f.Add(k.marshal(u))
	f.Add([]byte(`{"format":1,"recipient":"https://acme.vault.azure.net/keys/git"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := parseStored(u, data)
		if err != nil {
			return
		}
		if !bytes.Equal(k.marshal(u), data) || len(data) > maxCached {
			t.Errorf("accepted %q", data)
		}
		if !u.covers(k.url) || k.public.N.BitLen() < 2048 || k.public.E < 3 {
			t.Errorf("accepted %+v", k)
		}
	})
}
