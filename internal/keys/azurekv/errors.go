package azurekv

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// maxForeign bounds what of a library's or service's text goes into a message.
const maxForeign = 200

// foreignMessage is about whatever sits between us and Azure.
const foreignMessage = "something else answered in place of Azure: a captive portal or proxy?"

func fault(r keys.Recipient, kind keys.Kind, message string) *keys.Error {
	return &keys.Error{Kind: kind, Recipient: r.Display(), Message: message}
}

// causedError is a fault with a cause beside it that callers ask for: that of a
// context that ended, or errForbidden.
type causedError struct {
	fault *keys.Error
	cause error
}

func (e *causedError) Error() string   { return e.fault.Error() }
func (e *causedError) Unwrap() []error { return []error{e.fault, e.cause} }

// errForbidden tells a principal that the vault knows, and denies one operation,
// from one that it does not let in.
var errForbidden = errors.New("forbidden by the vault")

// ended says that the context is over, and what the time went into.
func ended(ctx context.Context, r keys.Recipient, cause error) error {
	if errors.Is(cause, context.Canceled) {
		return fmt.Errorf("%s: %w", r.Display(), cause)
	}
	e := fault(r, keys.Unreachable, "no answer in time")
	if _, login := tripOf(ctx).state(); login {
		e.Message = "no login in time"
		e.Hint = "set AZURE_TOKEN_CREDENTIALS to the one credential you use, so that the others are not tried"
	}
	return &causedError{e, cause}
}

// describe makes one short line out of whatever an operation failed with. The
// client is nil if there is none yet.
func describe(ctx context.Context, r keys.Recipient, c *client, o operation, err error) error {
	if cause := ctx.Err(); cause != nil {
		return ended(ctx, r, cause)
	}
	var (
		e       *keys.Error
		wrong   *problem
		login   *loginError
		scope   *scopeError
		refused *azcore.ResponseError
	)
	switch {
	case errors.As(err, &wrong):
		e = fault(r, wrong.kind, wrong.message)
	case errors.As(err, &login):
		e = login.describe(r)
	case errors.As(err, &scope):
		e = fault(r, keys.Denied, "the host was refused a token: "+scope.Error())
	case strings.Contains(err.Error(), "challenge resource"):
		e = fault(r, keys.Denied, "the host was refused a token: it asks for one for another service")
	case errors.As(err, &refused):
		e = readRefusal(refused).describe(r, c, o)
	default:
		e = fault(r, keys.Unreachable, networkMessage(err))
	}
	if c != nil && e.Kind == keys.Denied {
		e.Principal = c.login.who()
	}
	if refused != nil && refused.StatusCode == http.StatusForbidden && e.Kind == keys.Denied {
		return &causedError{e, errForbidden}
	}
	return e
}

// networkMessage names a network fault without the request it hit.
func networkMessage(err error) string {
	var (
		request     *url.Error
		large       *http.MaxBytesError
		imposter    *foreignError
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		op          *net.OpError
	)
	if errors.As(err, &request) {
		err = request.Err
	}
	switch {
	case errors.As(err, &imposter):
		return foreignMessage
	case errors.As(err, &large):
		return fmt.Sprintf("the answer has more than %d bytes", large.Limit)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the answer broke off"
	case errors.As(err, &name):
		return "no address found for " + keys.OneLine(name.Name, 100)
	case errors.As(err, &certificate):
		return "its certificate is not trusted: " + keys.OneLine(certificate.Err.Error(), maxForeign)
	case errors.As(err, &op):
		return keys.OneLine(op.Op+": "+op.Err.Error(), maxForeign)
	}
	return keys.OneLine(err.Error(), maxForeign)
}

// refusal is an error as the service says it.
type refusal struct {
	status  int
	code    string // the innermost one
	message string
}

func readRefusal(err *azcore.ResponseError) refusal {
	f := refusal{status: err.StatusCode, code: err.ErrorCode}
	if err.RawResponse == nil {
		return f
	}
	body, readErr := runtime.Payload(err.RawResponse)
	if readErr != nil {
		return f
	}
	type inner struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   *inner `json:"innererror"`
	}
	var parsed struct {
		Error *inner `json:"error"`
	}
	if json.Unmarshal(body, &parsed) != nil {
		return f
	}
	for i := parsed.Error; i != nil; i = i.Inner {
		if i.Code != "" {
			f.code = i.Code
		}
		if f.message == "" {
			f.message = i.Message
		}
	}
	return f
}

// says looks for words in what the service said. Its codes are not documented
// in full, and older ones are all alike.
func (f refusal) says(words ...string) bool {
	text := strings.ToLower(f.code + " " + f.message)
	for _, w := range words {
		if strings.Contains(text, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

func (f refusal) describe(r keys.Recipient, c *client, o operation) *keys.Error {
	switch {
	case f.status >= 500 || f.status == http.StatusRequestTimeout:
		return fault(r, keys.Unreachable, fmt.Sprintf("the service answers %d", f.status))
	case f.status == http.StatusTooManyRequests:
		return fault(r, keys.Throttled, "too many requests to this vault")
	case f.says("KeyDisabled", "disabled key"):
		return hinted(fault(r, keys.Disabled, "the key, or this version of it, is disabled"), "az keyvault key set-attributes --enabled true --id "+r.URI)
	case f.says("KeyExpired", "KeyNotYetValid", "expired key", "key is not yet valid"):
		return fault(r, keys.Disabled, "the key is outside the time it is valid for")
	case f.says("ObjectIsDeletedButRecoverable", "deleted but recoverable", "ObjectIsBeingDeleted", "ObjectIsBeingRecovered"):
		return hinted(fault(r, keys.Disabled, "the key is deleted, or on its way back"), recoverHint(r))
	case f.status == http.StatusNotFound:
		return hinted(fault(r, keys.NotFound, "the vault has no such key, or it was deleted"), recoverHint(r))
	case f.status == http.StatusUnauthorized:
		return f.unauthorized(r)
	case f.says("KeyOperationForbidden", "is not permitted on this key"):
		return fault(r, keys.Unsupported, "the key does not permit "+o.permission)
	case f.status == http.StatusForbidden:
		return f.forbidden(r, c, o)
	case f.status == http.StatusBadRequest && f.says("api-version", "is not recognized"):
		return fault(r, keys.Unsupported, "the service does not speak our version of its protocol")
	case f.status == http.StatusBadRequest && o == opUnwrap:
		// Version, algorithm and length fit the key, so it is the bytes that don't.
		return fault(r, keys.Tampered, "the key does not open it")
	case f.status == http.StatusBadRequest:
		return fault(r, keys.Unsupported, "the key can't be used for "+o.permission+": "+f.text())
	}
	return fault(r, keys.Other, fmt.Sprintf("the service answers %d %s", f.status, f.text()))
}

func (f refusal) text() string {
	if f.code == "" {
		return keys.OneLine(f.message, 100)
	}
	return keys.OneLine(f.code, 60)
}

// unauthorized is a token that the vault does not take.
func (f refusal) unauthorized(r keys.Recipient) *keys.Error {
	if f.says("expired") {
		return hinted(fault(r, keys.Expired, "the vault says that the login expired"), "az login")
	}
	return hinted(fault(r, keys.Denied, "the vault does not take the login: it may be of another tenant than the vault"), "az login --tenant TENANT")
}

// forbidden tells apart who forbids, for it is mended in different places.
func (f refusal) forbidden(r keys.Recipient, c *client, o operation) *keys.Error {
	var s service
	if c != nil {
		s = c.service
	}
	switch {
	case f.says("ForbiddenByFirewall", "Client address is not authorized"):
		return hinted(fault(r, keys.Denied, "the vault's firewall refuses this address"), "add this address to the vault's network rules, or use its private network")
	case f.says("ForbiddenByConnection", "Public network access is disabled"):
		return hinted(fault(r, keys.Denied, "the vault is reachable by its private endpoint only"), "connect to the vault's private network")
	case !s.hsm && f.says("ForbiddenByPolicy", "AccessDenied", "does not have keys"):
		return hinted(fault(r, keys.Denied, "the vault's access policy does not grant "+o.permission),
			"ask for the key permission "+o.permission+" in the vault's access policy")
	case f.says("ForbiddenByRbac"):
		return hinted(fault(r, keys.Denied, "no role grants "+s.action(o)), s.ask(o))
	}
	return hinted(fault(r, keys.Denied, o.permission+" is forbidden"), s.ask(o))
}

// ask says what to ask an administrator for.
func (s service) ask(o operation) string {
	return fmt.Sprintf("ask for the role %q on the key, or the data action %s", s.role(), s.action(o))
}

// recoverHint is how to get a deleted key back.
func recoverHint(r keys.Recipient) string {
	u, err := parseURL(r.URI)
	if err != nil {
		return ""
	}
	option := "--vault-name "
	s, _ := serviceOf(u.host)
	if s.hsm {
		option = "--hsm-name "
	}
	label, _, _ := strings.Cut(u.host, ".")
	return "if it was deleted: az keyvault key recover " + option + label + " --name " + u.name
}

func hinted(e *keys.Error, hint string) *keys.Error {
	e.Hint = hint
	return e
}
