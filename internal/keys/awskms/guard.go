package awskms

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswer bounds the body of an answer; real ones are below 10 KiB.
const maxAnswer = 256 << 10

// A guard is the HTTP client of one service in one Region. A request carries a
// signature and sometimes a data key in clear, so it goes to AWS's own hosts
// only, or to the endpoint that the user's own configuration names, and never
// on to where an answer redirects it. What comes back must look like the
// service's answer, and be small.
type guard struct {
	client   *http.Client
	suffixes []string // of the hosts of the Region's partition
	own      *url.URL // the endpoint from the user's environment or profile; may be nil
	media    string   // what the media type of an answer contains
}

// A hostError says that the SDK was about to call a host we don't know.
type hostError struct{ host string }

func (e *hostError) Error() string { return fmt.Sprintf("host %q is not one of AWS", e.host) }

// RetryableError keeps the SDK from trying again.
func (*hostError) RetryableError() bool { return false }

// errForeign: the answer is none of the service's.
var errForeign error = foreignError{}

type foreignError struct{}

func (foreignError) Error() string        { return "not an answer of AWS" }
func (foreignError) RetryableError() bool { return false }

// Do implements aws.HTTPClient.
func (g *guard) Do(req *http.Request) (*http.Response, error) {
	if !g.allowed(req.URL) {
		return nil, &hostError{req.URL.Host}
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return nil, err
	}
	// A load balancer's own 5xx is a page too, and worth another attempt.
	if resp.StatusCode < 500 && !g.answers(resp) {
		_ = resp.Body.Close()
		return nil, errForeign
	}
	resp.Body = &limited{resp.Body, maxAnswer}
	return resp, nil
}

func (g *guard) allowed(u *url.URL) bool {
	if g.own != nil {
		return u.Scheme == g.own.Scheme && u.Host == g.own.Host
	}
	for _, suffix := range g.suffixes {
		if u.Scheme == "https" && u.Port() == "" && strings.HasSuffix(u.Hostname(), suffix) {
			return true
		}
	}
	return false
}

func (g *guard) answers(resp *http.Response) bool {
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	redirect := resp.StatusCode >= 300 && resp.StatusCode < 400
	return err == nil && !redirect && strings.Contains(media, g.media)
}

// stay keeps net/http from following redirects.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// limited fails where io.LimitReader would pass off a cut answer as a whole one.
type limited struct {
	io.ReadCloser
	left int
}

var errTooLong = errors.New("the answer is too long")

func (l *limited) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.ReadCloser.Read(b[:min(len(b), l.left)])
	l.left -= n
	return n, err
}
