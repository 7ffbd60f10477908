package vaulttest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// Denial is who forbids an operation, in the service's words.
type Denial string

// Denials.
const (
	ByRBAC       Denial = "ForbiddenByRbac"
	ByPolicy     Denial = "ForbiddenByPolicy"
	ByFirewall   Denial = "ForbiddenByFirewall"
	ByConnection Denial = "ForbiddenByConnection"
)

type deniedKey struct {
	principal string
	op        Op
	key       string
}

// Deny forbids an operation on a key to a principal (an application's id, or the
// name it was given); "" is every principal, and every key.
func (s *Server) Deny(principal string, op Op, key string, how Denial) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied[deniedKey{principal, op, strings.ToLower(key)}] = how
}

// Allow takes all denials back.
func (s *Server) Allow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.denied)
}

func (s *Server) denial(principal string, op Op, key string) Denial {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range []string{principal, ""} {
		for _, k := range []string{strings.ToLower(key), ""} {
			if how := s.denied[deniedKey{p, op, k}]; how != "" {
				return how
			}
		}
	}
	return ""
}

// SetResource is what the challenge of a private vault asks a token for from now
// on; Azure's own hosts ask for one for their domain.
func (s *Server) SetResource(resource string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resource = resource
}

// request is a request for a key, read apart.
type request struct {
	op            Op
	name, version string
	algorithm     string
	value         []byte
}

// parseRequest reads GET /keys/NAME[/VERSION] and POST /keys/NAME[/VERSION]/OPERATION;
// an empty version, as the SDK writes it, counts as none.
func parseRequest(r *http.Request) (request, bool) {
	parts := strings.FieldsFunc(strings.TrimPrefix(r.URL.Path, "/keys/"), func(c rune) bool { return c == '/' })
	q := request{op: Get}
	if r.Method == http.MethodPost && len(parts) > 0 {
		last := len(parts) - 1
		q.op = map[string]Op{"wrapkey": WrapKey, "unwrapkey": UnwrapKey}[parts[last]]
		parts = parts[:last]
	} else if r.Method != http.MethodGet {
		return q, false
	}
	switch len(parts) {
	case 2:
		q.version = parts[1]
		fallthrough
	case 1:
		q.name = parts[0]
	}
	return q, q.op != "" && q.name != ""
}

func (s *Server) serveKey(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	q, ok := parseRequest(r)
	if err != nil || !ok {
		refuse(w, http.StatusBadRequest, "BadParameter", "", "Method or path not known")
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		s.count(Challenge)
		s.faulty(Challenge, q.name, http.HandlerFunc(s.challenge)).ServeHTTP(w, r)
		return
	}
	s.count(q.op)
	s.faulty(q.op, q.name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.authorized(w, r, q, token, body)
	})).ServeHTTP(w, r)
}

// resourceOf is the domain of Azure's own hosts, and of others what a test says.
func (s *Server) resourceOf(host string) string {
	for _, wild := range hosts {
		suffix, found := strings.CutPrefix(wild, "*.")
		if found && strings.HasSuffix(host, "."+suffix) && suffix != "example.com" {
			return "https://" + suffix
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resource
}

func (s *Server) challenge(w http.ResponseWriter, r *http.Request) {
	s.setChallenge(w, r)
	refuse(w, http.StatusUnauthorized, "Unauthorized", "", "AKV10000: Request is missing a Bearer or PoP token.")
}

func (s *Server) setChallenge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer authorization="https://login.microsoftonline.com/%s", resource="%s"`, Tenant, s.resourceOf(r.Host)))
}

func (s *Server) authorized(w http.ResponseWriter, r *http.Request, q request, token string, body []byte) {
	principal, ok := principalOf(token, s.resourceOf(r.Host))
	if !ok {
		s.challenge(w, r)
		return
	}
	if how := s.denial(principal, q.op, q.name); how != "" {
		forbid(w, how, q, principal)
		return
	}
	if q.op != Get {
		var parameters struct {
			Algorithm string `json:"alg"`
			Value     string `json:"value"`
		}
		var err error
		if err = json.Unmarshal(body, &parameters); err == nil {
			q.value, err = base64.RawURLEncoding.DecodeString(parameters.Value)
		}
		if err != nil || len(q.value) == 0 {
			refuse(w, http.StatusBadRequest, "BadParameter", "", "Property 'value' is required.")
			return
		}
		q.algorithm = parameters.Algorithm
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.perform(w, r.Host, q)
}

// perform does what was asked, as a principal that may.
func (s *Server) perform(w http.ResponseWriter, host string, q request) {
	k := s.keys[strings.ToLower(q.name)]
	if k == nil || k.deleted {
		refuse(w, http.StatusNotFound, "KeyNotFound", "", fmt.Sprintf("A key with (name/id) %s was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command.", q.name))
		return
	}
	v := k.find(q.version)
	if v == nil {
		refuse(w, http.StatusNotFound, "KeyNotFound", "", fmt.Sprintf("A key with (name/id) %s/%s was not found in this key vault.", q.name, q.version))
		return
	}
	if v.Disabled {
		refuse(w, http.StatusForbidden, "Forbidden", "KeyDisabled", fmt.Sprintf("Operation %s is not allowed on a disabled key.", q.op))
		return
	}
	if q.op == WrapKey && !v.Expires.IsZero() && time.Now().After(v.Expires) {
		refuse(w, http.StatusForbidden, "Forbidden", "KeyExpired", "Operation wrapKey is not allowed on an expired key.")
		return
	}
	id := fmt.Sprintf("https://%s/keys/%s/%s", host, k.name, v.ID)
	if q.op == Get {
		reply(w, http.StatusOK, k.describe(v, id))
		return
	}
	out, err := k.apply(v, q)
	if err != nil {
		refuse(w, http.StatusBadRequest, "BadParameter", "", "The parameter is incorrect.\r\n")
		return
	}
	reply(w, http.StatusOK, map[string]any{"kid": id, "value": base64.RawURLEncoding.EncodeToString(out)})
}

func (k *key) describe(v *Version, id string) map[string]any {
	ops := v.KeyOps
	if ops == nil {
		ops = []string{"wrapKey", "unwrapKey"}
	}
	jwk := map[string]any{"kid": id, "kty": k.typ.kty(), "key_ops": ops}
	if v.rsa != nil {
		n, e := v.rsa.N.Bytes(), big.NewInt(int64(v.rsa.E)).Bytes()
		if v.n != nil {
			n, e = v.n, v.e
		}
		jwk["n"], jwk["e"] = base64.RawURLEncoding.EncodeToString(n), base64.RawURLEncoding.EncodeToString(e)
	}
	attributes := map[string]any{"enabled": !v.Disabled, "created": 1700000000, "updated": 1700000000, "recoveryLevel": "Recoverable+Purgeable"}
	if !v.NotBefore.IsZero() {
		attributes["nbf"] = v.NotBefore.Unix()
	}
	if !v.Expires.IsZero() {
		attributes["exp"] = v.Expires.Unix()
	}
	return map[string]any{"key": jwk, "attributes": attributes}
}

func (k *key) apply(v *Version, q request) ([]byte, error) {
	switch {
	case v.rsa != nil && q.algorithm == "RSA-OAEP-256" && q.op == WrapKey:
		return rsa.EncryptOAEP(sha256.New(), rand.Reader, &v.rsa.PublicKey, q.value, nil)
	case v.rsa != nil && q.algorithm == "RSA-OAEP-256":
		return rsa.DecryptOAEP(sha256.New(), nil, v.rsa, q.value, nil)
	case k.typ == OctHSM && q.algorithm == "A256KW" && q.op == WrapKey:
		return keyWrap(v.symmetric, q.value)
	case k.typ == OctHSM && q.algorithm == "A256KW":
		return keyUnwrap(v.symmetric, q.value)
	}
	return nil, fmt.Errorf("%s cannot %s with %s", k.typ, q.op, q.algorithm)
}

// forbid words a denial as the service does.
func forbid(w http.ResponseWriter, how Denial, q request, principal string) {
	caller := fmt.Sprintf("Caller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\n", principal, objectOf(principal), Tenant)
	action := map[Op]string{Get: "read", WrapKey: "wrap/action", UnwrapKey: "unwrap/action"}[q.op]
	message := map[Denial]string{
		ByRBAC: "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n" +
			caller + "Action: 'Microsoft.KeyVault/vaults/keys/" + action + "'\r\nAssignment: (not found)\r\n",
		ByPolicy: "The user, group or application 'appid=" + principal + "' does not have keys " + string(q.op) +
			" permission on key vault 'acme;location=westeurope'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
		ByFirewall:   "Client address is not authorized and caller is not a trusted service.\r\nClient address: 192.0.2.7\r\n" + caller,
		ByConnection: "Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\n" + caller,
	}[how]
	refuse(w, http.StatusForbidden, "Forbidden", string(how), message)
}

func refuse(w http.ResponseWriter, status int, code, inner, message string) {
	e := map[string]any{"code": code, "message": message}
	if inner != "" {
		e["innererror"] = map[string]any{"code": inner}
	}
	reply(w, status, map[string]any{"error": e})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
