package vaulttest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Fault spoils an answer. It may ask next for the right one.
type Fault func(s *Server, w http.ResponseWriter, r *http.Request, next http.Handler)

type injected struct {
	op    Op
	key   string
	left  int // times; below zero for ever
	fault Fault
}

// Inject has every request for an operation on a key meet a fault; "" is every
// key. A later fault comes before an earlier one.
func (s *Server) Inject(op Op, key string, f Fault) { s.InjectTimes(-1, op, key, f) }

// InjectTimes is Inject for the next n requests.
func (s *Server) InjectTimes(n int, op Op, key string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &injected{op, strings.ToLower(key), n, f})
}

// Mend takes all faults away.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// faulty is next behind the fault that is injected for a request, if any.
func (s *Server) faulty(op Op, key string, next http.Handler) http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.faults) - 1; i >= 0; i-- {
		f := s.faults[i]
		if f.op == op && (f.key == "" || f.key == strings.ToLower(key)) && f.left != 0 {
			f.left--
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.fault(s, w, r, next) })
		}
	}
	return next
}

// Faults of the service.
var (
	// Hang never answers.
	Hang Fault = func(s *Server, _ http.ResponseWriter, r *http.Request, _ http.Handler) {
		select {
		case <-r.Context().Done():
		case <-s.done:
		}
	}
	// Reset breaks the connection.
	Reset Fault = func(_ *Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if t, ok := c.(interface{ NetConn() net.Conn }); ok {
			c = t.NetConn()
		}
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
		_ = c.Close()
	}
	// Truncated ends the answer in its middle.
	Truncated Fault = func(_ *Server, w http.ResponseWriter, r *http.Request, next http.Handler) {
		right := record(next, r)
		body := right.Body.Bytes()
		w.Header().Set("Content-Type", right.Header().Get("Content-Type"))
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(right.Code)
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
	// HTML is a captive portal.
	HTML Fault = func(_ *Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintln(w, "<html><body>Welcome to the hotel. Please log in.</body></html>")
	}
	// Garbage is what claims to be JSON.
	Garbage Fault = func(_ *Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintln(w, `{"kid": "https://`)
	}
	// Flood is an answer that does not end before 8 MiB.
	Flood Fault = func(_ *Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json")
		for range 8 << 10 {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return
			}
		}
	}
	// WrongPlain, ShortPlain, LongPlain and EmptyPlain hand over something else as success.
	WrongPlain = value(func(b []byte) []byte { return random(len(b)) })
	ShortPlain = value(func(b []byte) []byte { return b[:len(b)-1] })
	LongPlain  = value(func(b []byte) []byte { return append(b, 0) })
	EmptyPlain = value(func([]byte) []byte { return nil })
	// ZeroPlain is the right length of nothing.
	ZeroPlain = value(func(b []byte) []byte { return make([]byte, len(b)) })
	// SoftDeleted is how a key answers while it is being deleted or recovered.
	SoftDeleted = Refuse(http.StatusConflict, "Conflict", "ObjectIsDeletedButRecoverable", "Key git is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.")
	// Internal is a fault of the service itself.
	Internal = Refuse(http.StatusInternalServerError, "InternalServerError", "", "An internal server error occurred.")
)

// Throttle asks for a pause; without one if it is zero.
func Throttle(pause time.Duration) Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if pause > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(int(pause.Seconds())))
		}
		refuse(w, http.StatusTooManyRequests, "Throttled", "", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached")
	}
}

// Slow answers right, after a while.
func Slow(d time.Duration) Fault {
	return func(s *Server, w http.ResponseWriter, r *http.Request, next http.Handler) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		case <-s.done:
		}
	}
}

// Refuse answers with an error of the service, and with a challenge if it is 401.
func Refuse(status int, code, inner, message string) Fault {
	return func(s *Server, w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if status == http.StatusUnauthorized {
			s.setChallenge(w, r)
		}
		refuse(w, status, code, inner, message)
	}
}

// Login refuses a token with one of Entra's codes, such as 70043 or 7000222.
func Login(code int) Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		refuseLogin(w, code, "invalid_grant", "The login is refused.\r\n")
	}
}

// Redirect sends the client elsewhere.
func Redirect(to string) Fault {
	return func(_ *Server, w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	}
}

// BadChallenge answers a request without a token with this header.
func BadChallenge(header string) Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if header != "" {
			w.Header().Set("WWW-Authenticate", header)
		}
		refuse(w, http.StatusUnauthorized, "Unauthorized", "", "AKV10000: Request is missing a Bearer or PoP token.")
	}
}

// WrongKid names another key in the answer.
func WrongKid(kid string) Fault {
	return rewrite(func(answer map[string]any) {
		if jwk, ok := answer["key"].(map[string]any); ok {
			answer = jwk
		}
		answer["kid"] = kid
	})
}

// value spoils the result of an operation.
func value(change func([]byte) []byte) Fault {
	return rewrite(func(answer map[string]any) {
		text, _ := answer["value"].(string)
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			panic("vaulttest: internal error: " + err.Error())
		}
		answer["value"] = base64.RawURLEncoding.EncodeToString(change(b))
	})
}

// rewrite changes an answer that says success.
func rewrite(change func(answer map[string]any)) Fault {
	return func(_ *Server, w http.ResponseWriter, r *http.Request, next http.Handler) {
		right := record(next, r)
		var answer map[string]any
		if err := json.Unmarshal(right.Body.Bytes(), &answer); err != nil {
			panic("vaulttest: internal error: " + err.Error())
		}
		if right.Code == http.StatusOK {
			change(answer)
		}
		for name, values := range right.Header() {
			w.Header()[name] = values
		}
		reply(w, right.Code, answer)
	}
}

func record(next http.Handler, r *http.Request) *httptest.ResponseRecorder {
	right := httptest.NewRecorder()
	next.ServeHTTP(right, r)
	return right
}
