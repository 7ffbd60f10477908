package rules

import (
	"encoding/base64"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const base64Alphabet = base62Digits + "+/"

func init() {
	makers["azure-common-key"] = func(r *rand.Rand) string {
		return chars(r, base62Digits, 52) + "JQQJ99" + chars(r, base62Digits, 18) + "ACOG" + chars(r, base62Digits, 4)
	}
	makers["azure-connection-account-key"] = func(r *rand.Rand) string { return chars(r, base64Alphabet, 86) + "==" }
	makers["azure-connection-access-key"] = func(r *rand.Rand) string { return chars(r, base64Alphabet, 43) + "=" }
	makers["azure-shared-access-signature"] = func(r *rand.Rand) string {
		raw := []byte(chars(r, base62Digits, 32))
		return url.QueryEscape(base64.StdEncoding.EncodeToString(raw))
	}
}

func TestAzureChecks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(seed, 5))
	for name, key := range map[string]string{
		"a storage key": chars(rnd, base64Alphabet, 76) + "+ASt" + chars(rnd, base62Digits, 5) + "A==",
		"a bus key":     chars(rnd, base64Alphabet, 33) + "+ASb" + chars(rnd, base62Digits, 6) + "=",
	} {
		if v, _ := azureUnsigned([]byte(key)); v != scan.Invalid {
			t.Errorf("%s is %v to the rule for keys without a signature", name, v)
		}
	}
	if v, _ := azureCommon([]byte(chars(rnd, base62Digits, 76) + "AZDO" + chars(rnd, base62Digits, 4))); v != scan.Invalid {
		t.Errorf("an Azure DevOps token is %v", v)
	}
	for _, bad := range []string{"%zz" + chars(rnd, base62Digits, 44), chars(rnd, base62Digits, 60)} {
		if v, _ := azureSignature([]byte(bad)); v != scan.Invalid {
			t.Errorf("no signature is %v", v)
		}
	}
}
