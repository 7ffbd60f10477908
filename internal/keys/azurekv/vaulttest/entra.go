package vaulttest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// identityPath is the endpoint of an App Service's managed identity.
const identityPath = "/msi/token"

// SetIdentity gives the machine a managed identity that is the principal, and
// with it a metadata service; "" takes both away.
func (s *Server) SetIdentity(principal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identity = principal
}

// SetNeighbor has another cloud's metadata service answer at the same address.
func (s *Server) SetNeighbor(there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.neighbor = there
}

func (s *Server) hasMetadata() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.identity != "" || s.neighbor
}

// NewToken makes a token for a principal and a resource such as
// https://vault.azure.net, as the az command would print it. Every server of the
// process takes it: the SDK keeps some tokens for longer than a test.
func (s *Server) NewToken(principal, resource string) string { return jwt(principal, resource) }

// objectOf is the object id of a principal, made up but always the same.
func objectOf(principal string) string {
	h := sha256.Sum256([]byte(principal))
	x := hex.EncodeToString(h[:16])
	return x[:8] + "-" + x[8:12] + "-4" + x[13:16] + "-8" + x[17:20] + "-" + x[20:]
}

// tokenKey authenticates the tokens of this process.
var tokenKey = random(32)

func tokenMAC(signed string) string {
	h := hmac.New(sha256.New, tokenKey)
	_, _ = h.Write([]byte(signed))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// jwt is a token in the form of Entra's. A principal with an @ is a person.
func jwt(principal, resource string) string {
	claims := map[string]any{
		"aud": resource, "iss": "https://sts.windows.net/" + Tenant + "/", "tid": Tenant, "ver": "1.0",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "oid": objectOf(principal), "uti": hex.EncodeToString(random(8)),
	}
	if strings.Contains(principal, "@") {
		claims["upn"] = principal
	} else {
		claims["appid"] = principal
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic("vaulttest: internal error: " + err.Error())
	}
	part := base64.RawURLEncoding.EncodeToString
	signed := part([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + part(payload)
	return signed + "." + tokenMAC(signed)
}

// principalOf is whose token it is, if it was issued for the resource.
func principalOf(token, resource string) (string, bool) {
	last := strings.LastIndexByte(token, '.')
	if last < 0 || !hmac.Equal([]byte(token[last+1:]), []byte(tokenMAC(token[:last]))) {
		return "", false
	}
	_, payload, _ := strings.Cut(token[:last], ".")
	var claims struct {
		Audience string `json:"aud"`
		AppID    string `json:"appid"`
		UPN      string `json:"upn"`
	}
	b, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(b, &claims) != nil {
		return "", false
	}
	return claims.AppID + claims.UPN, claims.Audience == resource
}

// serveEntra answers what MSAL asks an authority.
func (s *Server) serveEntra(w http.ResponseWriter, r *http.Request) {
	tenant, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	authority := "https://" + r.Host
	switch path {
	case "discovery/instance":
		reply(w, http.StatusOK, map[string]any{
			"tenant_discovery_endpoint": "https://login.microsoftonline.com/" + Tenant + "/v2.0/.well-known/openid-configuration",
			"metadata": []any{map[string]any{
				"preferred_network": "login.microsoftonline.com", "preferred_cache": "login.windows.net",
				"aliases": []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com"},
			}},
		})
	case "v2.0/.well-known/openid-configuration":
		reply(w, http.StatusOK, map[string]any{
			"token_endpoint":         authority + "/" + tenant + "/oauth2/v2.0/token",
			"authorization_endpoint": authority + "/" + tenant + "/oauth2/v2.0/authorize",
			"issuer":                 authority + "/" + tenant + "/v2.0",
		})
	case "oauth2/v2.0/token":
		s.count(Token)
		s.faulty(Token, "", http.HandlerFunc(s.serveToken)).ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") != "client_credentials" {
		refuseLogin(w, 900144, "invalid_request", "The request body must contain grant_type client_credentials.")
		return
	}
	app := r.PostForm.Get("client_id")
	switch {
	case r.PostForm.Get("client_assertion") == "" && r.PostForm.Get("client_secret") != Secret:
		refuseLogin(w, 7000215, "invalid_client", "Invalid client secret provided.")
		return
	case !strings.HasPrefix(r.URL.Path, "/"+Tenant+"/"):
		refuseLogin(w, 700016, "unauthorized_client", "Application with identifier '"+app+"' was not found in the directory.")
		return
	}
	resource := strings.TrimSuffix(strings.Fields(r.PostForm.Get("scope") + " ")[0], "/.default")
	reply(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600, "access_token": s.NewToken(app, resource)})
}

// refuseLogin words a refusal as Entra does.
func refuseLogin(w http.ResponseWriter, code int, kind, message string) {
	reply(w, http.StatusUnauthorized, map[string]any{
		"error": kind, "error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: 00000000-0000-0000-0000-000000000000 Timestamp: 2026-01-01 00:00:00Z", code, message),
		"error_codes": []int{code},
	})
}

// serveIdentity is the metadata service of a virtual machine, and the endpoint
// of an App Service.
func (s *Server) serveIdentity(w http.ResponseWriter, r *http.Request) {
	s.count(Metadata)
	s.mu.Lock()
	identity, neighbor := s.identity, s.neighbor
	s.mu.Unlock()
	if neighbor {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintln(w, "<html>404 - Not Found</html>")
		return
	}
	s.faulty(Metadata, "", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.grant(w, r, identity)
	})).ServeHTTP(w, r)
}

func (s *Server) grant(w http.ResponseWriter, r *http.Request, identity string) {
	asked := r.URL.Query().Get("client_id")
	switch {
	case r.URL.Path != identityPath && r.Header.Get("Metadata") != "true", r.URL.Path == identityPath && r.Header.Get("X-IDENTITY-HEADER") != Secret:
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": "Required metadata header not specified"})
		return
	case identity == "", asked != "" && asked != identity:
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": "Identity not found"})
		return
	}
	resource := r.URL.Query().Get("resource")
	reply(w, http.StatusOK, map[string]any{
		"access_token": s.NewToken(identity, resource), "expires_on": fmt.Sprint(time.Now().Add(time.Hour).Unix()), "expires_in": "3600",
		"resource": resource, "token_type": "Bearer", "client_id": identity,
	})
}
