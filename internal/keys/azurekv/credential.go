package azurekv

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// credential stands between the SDK and the user's login for one host. It hands
// out tokens for that host's service alone, whatever the host's challenge asks
// for: a token for Azure's management would be worth more than any key. That
// tokens travel by TLS only is the SDK's own rule.
type credential struct {
	login     azcore.TokenCredential
	scopes    []string
	principal atomic.Pointer[string] // whom the last token was for
}

var _ azcore.TokenCredential = (*credential)(nil)

// GetToken implements azcore.TokenCredential.
func (c *credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if len(o.Scopes) != 1 || !slices.Contains(c.scopes, o.Scopes[0]) {
		return azcore.AccessToken{}, &scopeError{strings.Join(o.Scopes, " ")}
	}
	t := tripOf(ctx)
	t.entering(true)
	token, err := c.login.GetToken(ctx, o)
	if err != nil {
		failure, _ := t.state()
		return azcore.AccessToken{}, &loginError{err: err, network: failure}
	}
	t.entering(false)
	who := principalOf(token.Token)
	c.principal.Store(&who)
	return token, nil
}

// who is the principal of the last token, or nothing.
func (c *credential) who() string {
	if p := c.principal.Load(); p != nil {
		return *p
	}
	return ""
}

// granted tells whether there ever was a token.
func (c *credential) granted() bool { return c.principal.Load() != nil }

// scopeError says that a host asked for a token it must not have.
type scopeError struct{ scope string }

func (e *scopeError) Error() string { return fmt.Sprintf("it asks for a token for %q", e.scope) }

// NonRetriable keeps the SDK from trying again.
func (*scopeError) NonRetriable() {}

// loginError says that no token was to be had.
type loginError struct {
	err     error
	network error // why the last request for it got no answer, if that was so
}

func (e *loginError) Error() string { return e.err.Error() }
func (e *loginError) Unwrap() error { return e.err }

// NonRetriable keeps the SDK from trying again: the credentials did already.
func (*loginError) NonRetriable() {}

// maxToken bounds the tokens that are looked into.
const maxToken = 64 << 10

// principalOf reads out of a token for whom it is, unverified: it only serves
// people who look for a missing role. What is no token of Entra's has none.
func principalOf(token string) string {
	if len(token) > maxToken {
		return ""
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return ""
	}
	var claims struct {
		UPN        string `json:"upn"`
		UniqueName string `json:"unique_name"`
		AppID      string `json:"appid"`
		OID        string `json:"oid"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	name := claims.UPN
	if name == "" {
		name = claims.UniqueName
	}
	if name == "" && claims.AppID != "" {
		name = "appid " + claims.AppID
	}
	if claims.OID != "" {
		name = strings.TrimSpace(name + " oid " + claims.OID)
	}
	return keys.OneLine(name, 200)
}
