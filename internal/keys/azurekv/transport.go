package azurekv

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

const (
	// dialTimeout leaves time, within what a recipient is given, to look for a
	// login when nothing accepts connections.
	dialTimeout   = 1500 * time.Millisecond
	answerTimeout = 15 * time.Second // from the request to the first line of the answer
	maxBody       = 1 << 20          // the largest answer we know, a token, has some 10 KiB

	// metadataHost is the instance metadata service of Azure, and of other clouds.
	// It is a neighbour of the machine or it is not there: one second of the SDK's
	// own probe is more than a machine without it should have to wait.
	metadataHost    = "169.254.169.254"
	metadataTimeout = 500 * time.Millisecond
)

// newTransport is what every request goes through, those for tokens included.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           dial,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   dialTimeout,
		ResponseHeaderTimeout: answerTimeout,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// proxy is the environment's, but not for the metadata service, which a proxy
// reaches on its own machine if at all.
func proxy(r *http.Request) (*url.URL, error) {
	if r.URL.Hostname() == metadataHost {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: patienceWith(address)}
	return d.DialContext(ctx, network, address)
}

// patienceWith is how long an address may take to accept a connection.
func patienceWith(address string) time.Duration {
	if host, _, err := net.SplitHostPort(address); err == nil && host == metadataHost {
		return metadataTimeout
	}
	return dialTimeout
}

// newHTTPClient makes the client of one SDK pipeline. It follows no redirect:
// neither Azure nor Entra sends any, and a body may hold a data key.
func newHTTPClient(base http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     guard{base},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guard bounds answers, and notes for the caller what went wrong below the SDK,
// whose credentials keep no more of a network fault than its text.
type guard struct{ base http.RoundTripper }

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := g.base.RoundTrip(r)
	if r.URL.Hostname() == metadataHost {
		err = noMetadata(r, resp, err)
	}
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		tripOf(r.Context()).note(err)
		return nil, err
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxBody)
	return resp, nil
}

// noMetadata tells a machine without Azure's metadata service from one whose
// service fails. The SDK takes any answer to its probe, which is a request
// without the header that every real one has, for Azure's service; those of
// other clouds, and proxies, answer it with something else than JSON.
func noMetadata(r *http.Request, resp *http.Response, err error) error {
	var failed *net.OpError
	switch {
	case errors.As(err, &failed) && failed.Op == "dial":
		return &metadataError{err}
	case err == nil && r.Header.Get("Metadata") == "" && !isJSON(resp.Header):
		return &metadataError{errors.New("what answers there is not Azure's")}
	}
	return err
}

// metadataError says that the machine has no managed identity.
type metadataError struct{ cause error }

func (e *metadataError) Error() string { return "no instance metadata service: " + e.cause.Error() }
func (e *metadataError) Unwrap() error { return e.cause }

// NonRetriable makes the SDK believe it the first time.
func (*metadataError) NonRetriable() {}

// foreignError says that an answer did not come from Azure.
type foreignError struct{ what string }

func (e *foreignError) Error() string { return "something else answered: " + e.what }

// NonRetriable makes the SDK believe it the first time.
func (*foreignError) NonRetriable() {}

// answers is the policy next to the network of a vault's client: it lets no
// answer through that the SDK would stumble over.
type answers struct{}

func (answers) Do(r *policy.Request) (*http.Response, error) {
	resp, err := r.Next()
	if err != nil {
		return nil, err
	}
	if what := foreign(resp); what != "" {
		return nil, &foreignError{what}
	}
	return resp, nil
}

// grants is the policy next to the network of a login: a page that says success
// instead of a token is a fault of the network, not of the credentials. Managed
// identities, which come without TLS, are left to the SDK, which goes on to the
// next credential.
type grants struct{}

func (grants) Do(r *policy.Request) (*http.Response, error) {
	resp, err := r.Next()
	if err == nil && resp.StatusCode < 400 && r.Raw().URL.Scheme == "https" && !isJSON(resp.Header) {
		err = &foreignError{"not JSON"}
		tripOf(r.Raw().Context()).note(err)
		return nil, err
	}
	return resp, err
}

// foreign says why an answer cannot be Azure's, or nothing. Faults of a server
// often come from something before it, in whatever form.
func foreign(resp *http.Response) string {
	switch {
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests:
		return ""
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return "a redirect"
	case resp.StatusCode == http.StatusUnauthorized:
		return badChallenge(resp.Header.Get("WWW-Authenticate"))
	case !isJSON(resp.Header):
		return "not JSON"
	}
	body, err := runtime.Payload(resp)
	if err != nil || !json.Valid(body) {
		return "broken JSON"
	}
	return ""
}

func isJSON(h http.Header) bool {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && media == "application/json"
}

var authority = lazily(`authorization="?([^",\s]*)`)

// badChallenge refuses challenges without an authority as URL with a tenant: the
// SDK takes the tenant out of it by position, and panics when there is none.
func badChallenge(header string) string {
	if header == "" {
		return "no challenge"
	}
	for _, m := range authority().FindAllStringSubmatch(header, -1) {
		if strings.Count(m[1], "/") < 3 {
			return "a broken challenge"
		}
	}
	return ""
}

// trip is what one call of ours has to know about requests the SDK sent for it.
type trip struct {
	mu      sync.Mutex
	failure error // of the last request that got no answer
	login   bool  // a token is being fetched
}

type tripKey struct{}

func withTrip(ctx context.Context) context.Context {
	return context.WithValue(ctx, tripKey{}, &trip{})
}

// tripOf never returns nil: what is noted in a trip nobody made is lost.
func tripOf(ctx context.Context) *trip {
	if t, ok := ctx.Value(tripKey{}).(*trip); ok {
		return t
	}
	return &trip{}
}

func (t *trip) note(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failure = err
}

// entering starts or ends the fetching of a token.
func (t *trip) entering(login bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.login = login
	if login {
		t.failure = nil
	}
}

func (t *trip) state() (failure error, login bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failure, t.login
}
