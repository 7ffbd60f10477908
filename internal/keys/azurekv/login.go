package azurekv

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// noLoginHint is what to type where no credentials are found.
const noLoginHint = "az login"

// code finds Entra's error codes, which alone are stable in its texts.
var code = lazily(`AADSTS([0-9]{4,7})`)

// Entra's codes by what they mean for the user. Every other one is a refusal.
var (
	expiredLogin  = []string{"50173", "70043", "70044", "700082", "700084", "50078", "50076", "50079", "50132", "50133"}
	expiredSecret = []string{"7000222"}
	expiredToken  = []string{"500133", "700024"}
	unavailable   = []string{"90033", "90055", "50196", "90006"}
)

// offline are the words of the az command for a network fault of its own.
var offline = lazily(`Max retries exceeded|Failed to establish a new connection|Failed to resolve`)

// garbled is how the SDK's login library says that an answer could not be read.
var garbled = lazily(`json decode error|server response error`)

// describe sorts the SDK's login errors, whose texts name each credential that
// was tried, on a line of its own. A machine without any is no fault of the
// network, whatever was tried over it.
func (e *loginError) describe(r keys.Recipient) *keys.Error {
	text := e.err.Error()
	if m := code().FindStringSubmatch(text); m != nil {
		return describeCode(r, m[1])
	}
	var failed *azidentity.AuthenticationFailedError
	if !errors.As(e.err, &failed) {
		return describeAbsent(r, text)
	}
	var absent *metadataError
	switch {
	case failed.RawResponse != nil:
		return describeResponse(r, failed.RawResponse)
	case errors.As(e.network, &absent):
		return hinted(fault(r, keys.NoIdentity, "this machine has no managed identity"), noLoginHint)
	case garbled().MatchString(text): // not a word of it: it quotes the answer, which may be a token
		return fault(r, keys.Unreachable, "login: "+foreignMessage)
	case e.network != nil:
		return fault(r, keys.Unreachable, "login: "+networkMessage(e.network))
	case strings.Contains(text, "isn't configured to acquire tokens for tenant"):
		return hinted(fault(r, keys.Denied, "the credentials are for another tenant than the vault's"), "az login --tenant TENANT")
	}
	return hinted(fault(r, keys.NoIdentity, "login: "+lastLine(text)), noLoginHint)
}

func describeCode(r keys.Recipient, code string) *keys.Error {
	named := func(message string) string { return fmt.Sprintf("%s (AADSTS%s)", message, code) }
	switch {
	case slices.Contains(expiredLogin, code):
		return hinted(fault(r, keys.Expired, named("the login must be renewed")), "az login")
	case slices.Contains(expiredSecret, code):
		return hinted(fault(r, keys.Expired, named("the application's secret expired")), "set AZURE_CLIENT_SECRET to a new one")
	case slices.Contains(expiredToken, code):
		return hinted(fault(r, keys.Expired, named("the workload's token expired")), "renew the file that AZURE_FEDERATED_TOKEN_FILE names")
	case slices.Contains(unavailable, code):
		return fault(r, keys.Unreachable, named("login: the service is not available"))
	}
	return hinted(fault(r, keys.Denied, named("the login was refused")), "check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret, or: az login")
}

// describeAbsent is for when each credential said that it is not to be had.
func describeAbsent(r keys.Recipient, text string) *keys.Error {
	switch {
	case offline().MatchString(text):
		return fault(r, keys.Unreachable, "login: az can't reach the network")
	case strings.Contains(text, "AZURE_TOKEN_CREDENTIALS value"):
		return hinted(fault(r, keys.NoIdentity, "AZURE_TOKEN_CREDENTIALS has a value that names no credential"), "unset AZURE_TOKEN_CREDENTIALS")
	case strings.Contains(text, "authority host without https"):
		return hinted(fault(r, keys.NoIdentity, "AZURE_AUTHORITY_HOST has no https"), "unset AZURE_AUTHORITY_HOST")
	case strings.Contains(text, "claims-challenge"):
		return hinted(fault(r, keys.Expired, "Azure asks for a stronger login, such as a second factor"), "az login")
	case strings.Contains(text, "az login"):
		return hinted(fault(r, keys.NoIdentity, "not logged in to Azure"), "az login")
	}
	return hinted(fault(r, keys.NoIdentity, "no Azure credentials found"), noLoginHint)
}

// describeResponse is for answers without one of Entra's codes: those of the
// metadata service, and of what stands before either.
func describeResponse(r keys.Recipient, resp *http.Response) *keys.Error {
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return fault(r, keys.Throttled, "login: too many requests")
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusRequestTimeout:
		return fault(r, keys.Unreachable, fmt.Sprintf("login: the service answers %d", resp.StatusCode))
	case resp.Request != nil && resp.Request.URL.Scheme == "http": // only managed identities have no TLS
		return hinted(fault(r, keys.NoIdentity, "this machine does not have the managed identity that was asked for"), "check AZURE_CLIENT_ID, or: az login")
	case !isJSON(resp.Header):
		return fault(r, keys.Unreachable, "login: "+foreignMessage)
	}
	return hinted(fault(r, keys.Denied, fmt.Sprintf("the login was refused (%d)", resp.StatusCode)), "az login")
}

// lastLine is the end of an SDK's text, which holds the cause, without the link
// to a page of explanations.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	line, _, _ := strings.Cut(lines[len(lines)-1], ". To troubleshoot, visit ")
	return keys.OneLine(line, maxForeign)
}
