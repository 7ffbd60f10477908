package kmstest

import (
	"net/http"
	"time"
)

// A Fault is one way to misbehave.
type Fault struct {
	kind          faultKind
	code, message string
	status        int
	delay         time.Duration
}

type faultKind int

const (
	answerError faultKind = iota
	hang
	reset
	truncate
	html
	emptyBody
	redirect
	slow
	wrongKey
	zeroKey
	shortKey
	emptyKey
	wrongKeyID
)

// The faults. Those of the plaintext are about Decrypt and GenerateDataKey, and
// let other actions pass.
var (
	Throttle     = Fault{kind: answerError, status: 400, code: "ThrottlingException", message: "Rate exceeded"}
	Internal500  = Fault{kind: answerError, status: 500, code: "KMSInternalException"}
	ExpiredToken = Fault{kind: answerError, status: 400, code: "ExpiredTokenException", message: "The security token included in the request is expired"}
	AccessDenied = Fault{kind: answerError, status: 400, code: "AccessDeniedException", message: "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."}
	Hang         = Fault{kind: hang}                  // until the client or the server goes
	Reset        = Fault{kind: reset}                 // the connection is closed without an answer
	Truncated    = Fault{kind: truncate}              // the right answer, cut off
	HTML         = Fault{kind: html, status: 200}     // a captive portal's page
	HTML503      = Fault{kind: html, status: 503}     // a load balancer's page
	EmptyBody    = Fault{kind: emptyBody}             // 200 and nothing
	Redirect     = Fault{kind: redirect, status: 307} // elsewhere, body and all
	Found        = Fault{kind: redirect, status: 302} // elsewhere, without the body
	WrongKey     = Fault{kind: wrongKey}              // another plaintext of the right length
	ZeroKey      = Fault{kind: zeroKey}
	ShortKey     = Fault{kind: shortKey}
	EmptyKey     = Fault{kind: emptyKey}
	WrongKeyID   = Fault{kind: wrongKeyID} // the answer names another key
)

// Slow delays the right answer.
func Slow(d time.Duration) Fault { return Fault{kind: slow, delay: d} }

// Code answers with any error.
func Code(status int, code, message string) Fault {
	return Fault{kind: answerError, status: status, code: code, message: message}
}

// At is where a fault happens: at requests that match all members that are set.
type At struct {
	Key    string // key ARN
	Region string
	Action string // "Decrypt"
	Times  int    // so often; 0 is always
}

type injected struct {
	At
	fault Fault
	left  int
}

// Inject makes requests fail from now on. Of several faults that match, the
// latest counts.
func (s *Server) Inject(at At, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, injected{at, f, at.Times})
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault finds what is to go wrong with a request, and counts it.
func (s *Server) fault(r Request) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.faults) - 1; i >= 0; i-- {
		f := &s.faults[i]
		switch {
		case f.Key != "" && f.Key != r.Key, f.Region != "" && f.Region != r.Region, f.Action != "" && f.Action != r.Action:
			continue
		case f.Times > 0 && f.left == 0:
			continue
		}
		f.left--
		return f.fault, true
	}
	return Fault{}, false
}

// transport does what needs no answer of the service; it tells whether that was all.
func (s *Server) transport(w http.ResponseWriter, r *http.Request, f Fault) bool {
	switch f.kind {
	case hang:
		s.wait(r, time.Hour)
		panic(http.ErrAbortHandler) // closes the connection; a return would answer 200
	case slow:
		s.wait(r, f.delay)
		return false
	case reset:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	case html:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(f.status)
		_, _ = w.Write([]byte("<html><body>Welcome to the hotel. Please log in.</body></html>\n"))
	case emptyBody:
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(200)
	case redirect:
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Location", s.URL+"/elsewhere")
		w.WriteHeader(f.status)
	default:
		return false
	}
	return true
}

func (s *Server) wait(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
}
