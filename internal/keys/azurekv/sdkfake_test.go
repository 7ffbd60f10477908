package azurekv_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"net/http"
	"strings"
	"testing"

	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	keysfake "github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys/fake"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// sdkVault is one RSA key behind the SDK's own fake, so that two fakes that know
// nothing of each other agree on what the service does.
type sdkVault struct{ key *rsa.PrivateKey }

// split mends the fake's way of taking paths apart: it leaves a version on the
// name, "git/0123…", and reports none.
func split(name, v string) (string, string) {
	if n, rest, found := strings.Cut(name, "/"); found && v == "" {
		return n, rest
	}
	return name, v
}

func (s sdkVault) id(name string) *azkeys.ID { return to.Ptr(azkeys.ID(vault + name + "/" + version)) }

// knows refuses other keys as the service does.
func (s sdkVault) knows(name, v string, e *azfake.ErrorResponder) bool {
	name, v = split(name, v)
	if name == "foreign" {
		e.SetResponseError(http.StatusForbidden, "Forbidden")
		return false
	}
	if name != "git" || v != "" && v != version {
		e.SetResponseError(http.StatusNotFound, "KeyNotFound")
		return false
	}
	return true
}

func (s sdkVault) get(_ context.Context, name, v string, _ *azkeys.GetKeyOptions) (resp azfake.Responder[azkeys.GetKeyResponse], e azfake.ErrorResponder) {
	name, _ = split(name, v)
	resp.SetResponse(http.StatusOK, azkeys.GetKeyResponse{KeyBundle: azkeys.KeyBundle{
		Attributes: &azkeys.KeyAttributes{Enabled: to.Ptr(true)},
		Key: &azkeys.JSONWebKey{
			KID: s.id(name), Kty: to.Ptr(azkeys.KeyTypeRSA),
			N: s.key.N.Bytes(), E: big.NewInt(int64(s.key.E)).Bytes(),
			KeyOps: []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationWrapKey), to.Ptr(azkeys.KeyOperationUnwrapKey)},
		},
	}}, nil)
	return resp, e
}

func (s sdkVault) unwrap(_ context.Context, name, v string, p azkeys.KeyOperationParameters, _ *azkeys.UnwrapKeyOptions) (resp azfake.Responder[azkeys.UnwrapKeyResponse], e azfake.ErrorResponder) {
	if !s.knows(name, v, &e) {
		return resp, e
	}
	plain, err := rsa.DecryptOAEP(sha256.New(), nil, s.key, p.Value, nil)
	if err != nil || *p.Algorithm != azkeys.EncryptionAlgorithmRSAOAEP256 {
		e.SetResponseError(http.StatusBadRequest, "BadParameter")
		return resp, e
	}
	resp.SetResponse(http.StatusOK, azkeys.UnwrapKeyResponse{KeyOperationResult: azkeys.KeyOperationResult{KID: s.id("git"), Result: plain}}, nil)
	return resp, e
}

// roundTripper makes a RoundTripper of the SDK's fake.
type roundTripper struct{ policy.Transporter }

func (r roundTripper) RoundTrip(q *http.Request) (*http.Response, error) { return r.Do(q) }

func TestConformanceWithSDKFake(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	v := sdkVault{key}
	transport := roundTripper{keysfake.NewServerTransport(&keysfake.Server{GetKey: v.get, UnwrapKey: v.unwrap})}
	for name, mine := range map[string]string{"versionless": vault + "git", "pinned": vault + "git/" + version} {
		t.Run(name, func(t *testing.T) {
			keystest.Run(t, func(t *testing.T) keystest.Fixture {
				return keystest.Fixture{
					Provider: azurekv.New(azurekv.Options{Transport: transport, Credential: &azfake.TokenCredential{}}),
					Mine:     recipient(mine),
					Other:    keys.Recipient{Kind: azurekv.Kind, URI: vault + "foreign"},
				}
			})
		})
	}
}
