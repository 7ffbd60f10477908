package kmstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
)

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/([0-9]{8})/([a-z0-9-]+)/([a-z]+)/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$`)

// authenticate finds out who signed a request, and for which Region.
func (s *Server) authenticate(r *http.Request, body []byte, service string) (principal, region string, err error) {
	m := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil || m[4] != service {
		return "", "", fail("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	region = m[3]
	s.mu.Lock()
	who, known := s.principals[m[1]]
	s.mu.Unlock()
	switch {
	case !known || who.token != r.Header.Get("X-Amz-Security-Token"):
		return "", region, fail("UnrecognizedClientException", "The security token included in the request is invalid.")
	case !hmac.Equal([]byte(m[6]), []byte(signature(r, body, who.secret, m))):
		return "", region, fail("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.")
	}
	return who.arn, region, nil
}

// signature is version 4's, for a POST to a plain path.
func signature(r *http.Request, body []byte, secret string, m []string) string {
	date, region, service, names := m[2], m[3], m[4], m[5]
	var canonical strings.Builder
	canonical.WriteString("POST\n/\n\n")
	for name := range strings.SplitSeq(names, ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = r.Header.Get("Content-Length")
		}
		canonical.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical.WriteString("\n" + names + "\n" + hexHash(body))
	scope := strings.Join([]string{date, region, service, "aws4_request"}, "/")
	toSign := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + scope + "\n" + hexHash([]byte(canonical.String()))
	k := []byte("AWS4" + secret)
	for _, part := range []string{date, region, service, "aws4_request"} {
		k = mac(k, part)
	}
	return hex.EncodeToString(mac(k, toSign))
}

func mac(k []byte, text string) []byte {
	h := hmac.New(sha256.New, k)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexHash(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
