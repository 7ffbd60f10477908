package azurekv

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// keyURL names a key, or one version of it.
type keyURL struct {
	host    string // lower case, with a port only outside the known suffixes
	name    string
	version string // "" for the newest
}

func (u keyURL) String() string {
	s := "https://" + u.host + "/keys/" + u.name
	if u.version != "" {
		s += "/" + u.version
	}
	return s
}

// at is the same key at a version.
func (u keyURL) at(version string) keyURL {
	u.version = version
	return u
}

// covers tells whether a wrapped key or an answer that names version v of a key
// can be u's: host and name are u's (Azure does not tell names apart by case),
// and so is the version if u is pinned.
func (u keyURL) covers(v keyURL) bool {
	return v.version != "" && u.host == v.host && strings.EqualFold(u.name, v.name) && (u.version == "" || u.version == v.version)
}

// lazily compiles a pattern when it is first used: Git starts this program for
// every command, and most need no key of Azure.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// shape is what a key URL looks like, however sloppily typed.
var shape = lazily(`^(?i:https)://([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?/keys/([A-Za-z0-9-]{1,127})(?:/([0-9a-f]{32}))?/?$`)

var errShape = errors.New("not a key URL: want https://VAULT.vault.azure.net/keys/NAME or …/NAME/VERSION")

// parseURL reads a key URL as a person or a service may write it.
func parseURL(s string) (keyURL, error) {
	if len(s) > keys.MaxURI {
		return keyURL{}, fmt.Errorf("longer than %d bytes", keys.MaxURI)
	}
	m := shape().FindStringSubmatch(s)
	if m == nil {
		return keyURL{}, errShape
	}
	host, err := canonicalHost(m[1], m[2])
	if err != nil {
		return keyURL{}, err
	}
	return keyURL{host: host, name: m[3], version: m[4]}, nil
}

// canonicalHost has one spelling for each host and port.
func canonicalHost(host, port string) (string, error) {
	host = strings.ToLower(host)
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", fmt.Errorf("%q is not a host name", host)
		}
	}
	if port == "" || port == "443" {
		return host, nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
		return "", fmt.Errorf("%q is not a port", port)
	}
	if _, known := serviceOf(host); known {
		return "", fmt.Errorf("%s, one of Azure's own hosts, has no other port than 443", host)
	}
	return host + ":" + port, nil
}

// strictURL reads the one valid spelling.
func strictURL(s string) (keyURL, error) {
	u, err := parseURL(s)
	if err == nil && u.String() != s {
		err = errShape
	}
	return u, err
}

// parse reads a recipient, which has one spelling and no options.
func parse(r keys.Recipient) (keyURL, error) {
	if r.Kind != Kind {
		return keyURL{}, fault(r, keys.Unsupported, "not an Azure key")
	}
	for name := range r.Options {
		return keyURL{}, fault(r, keys.Unsupported, fmt.Sprintf("Azure keys have no option %q", keys.OneLine(name, 40)))
	}
	u, err := parseURL(r.URI)
	if err != nil {
		return keyURL{}, fault(r, keys.Unsupported, err.Error())
	}
	if spelling := u.String(); spelling != r.URI {
		e := fault(r, keys.Unsupported, "not written in its only valid form")
		e.Hint = "write it as: " + spelling
		return keyURL{}, e
	}
	return u, nil
}

// allowHost brings an entry of the user's list into the form of keyURL.host.
// What cannot be a host matches none.
func allowHost(entry string) string {
	u, err := url.Parse("https://" + strings.TrimSpace(entry))
	if err != nil || u.Hostname() == "" {
		return ""
	}
	host, err := canonicalHost(u.Hostname(), u.Port())
	if err != nil {
		return ""
	}
	return host
}
