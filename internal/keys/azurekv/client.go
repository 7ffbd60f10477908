package azurekv

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/log"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
)

// client is what one vault is asked through.
type client struct {
	service service // zero for a host that is none of Azure's own
	keys    *azkeys.Client
	login   *credential
}

// clients makes them on demand: one for each host, over one login for each
// authority, which looks for the user's credentials once and keeps its tokens.
type clients struct {
	opt Options

	mu     sync.Mutex
	base   http.RoundTripper
	byHost map[string]*client
	logins map[string]azcore.TokenCredential
}

// silence stops the SDK from writing to standard error, which AZURE_SDK_GO_LOGGING
// makes it do. The listener is the SDK's only one in this process, and setting it
// is not safe beside requests: hence once, before the first client.
var silence = sync.OnceFunc(func() { log.SetListener(nil) })

func (c *clients) get(host string) (*client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if got := c.byHost[host]; got != nil {
		return got, nil
	}
	silence()
	if c.base == nil {
		if c.base = c.opt.Transport; c.base == nil {
			c.base = newTransport()
		}
	}
	made, err := c.make(host)
	if err != nil {
		return nil, err
	}
	c.byHost[host] = made
	return made, nil
}

func (c *clients) make(host string) (*client, error) {
	authority := authorityFor(host, c.opt.AuthorityHost)
	login, err := c.loginAt(authority)
	if err != nil {
		return nil, &loginError{err: err}
	}
	service, known := serviceOf(host)
	cred := &credential{login: login, scopes: scopesFor(host)}
	options := c.options(authority)
	options.Retry.ShouldRetry = shouldRetry
	options.PerRetryPolicies = []policy.Policy{answers{}}
	sdk, err := azkeys.NewClient("https://"+host, cred, &azkeys.ClientOptions{
		ClientOptions: options,
		// A private host can't have the domain of the service it asks a token for.
		DisableChallengeResourceVerification: !known,
	})
	if err != nil {
		return nil, err
	}
	return &client{service: service, keys: sdk, login: cred}, nil
}

// loginAt finds the user's credentials for a cloud. The SDK reads the
// environment for it, and never opens a browser.
func (c *clients) loginAt(authority cloud.Configuration) (azcore.TokenCredential, error) {
	if c.opt.Credential != nil {
		return c.opt.Credential, nil
	}
	host := authority.ActiveDirectoryAuthorityHost
	if got := c.logins[host]; got != nil {
		return got, nil
	}
	options := c.options(authority)
	options.PerRetryPolicies = []policy.Policy{grants{}}
	made, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions:            options,
		DisableInstanceDiscovery: !discoverable(host),
	})
	if err != nil {
		return nil, err
	}
	c.logins[host] = made
	return made, nil
}

// options are common to the pipelines of vaults and logins. Three attempts: more
// would outlast the time that a recipient is given.
func (c *clients) options(authority cloud.Configuration) azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud:     authority,
		Transport: newHTTPClient(c.base),
		Retry:     policy.RetryOptions{MaxRetries: 2, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: time.Second},
		Telemetry: policy.TelemetryOptions{ApplicationID: "git-envelope"},
	}
}

// shouldRetry is asked about failures that the SDK takes for transient.
func shouldRetry(resp *http.Response, err error) bool {
	if err != nil {
		return !lasting(err)
	}
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return inTime(resp)
	}
	return false
}

// lasting tells network faults that a second attempt can't mend.
func lasting(err error) bool {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var op *net.OpError
	return errors.As(err, &name) && name.IsNotFound || errors.As(err, &certificate) ||
		errors.As(err, &op) && op.Op == "dial" && op.Timeout()
}

// firstPause is about what the SDK waits after a first failure.
const firstPause = 300 * time.Millisecond

// inTime tells whether the pause before the next attempt ends before the
// caller's patience: to wait for less turns "throttled" into "no answer".
func inTime(resp *http.Response) bool {
	if resp.Request == nil {
		return true
	}
	pause := firstPause
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		pause = time.Duration(seconds) * time.Second
	}
	deadline, bounded := resp.Request.Context().Deadline()
	return !bounded || time.Until(deadline) > pause
}
