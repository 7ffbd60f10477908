package azurekv

import (
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
)

// service is one of Azure's own: Key Vault or Managed HSM of one cloud. The
// retired German cloud is left out, so that nobody can register its names.
type service struct {
	suffix string // of the host; exactly one label stands before it
	hsm    bool
	cloud  cloud.Configuration
}

var services = []service{
	{"vault.azure.net", false, cloud.AzurePublic},
	{"managedhsm.azure.net", true, cloud.AzurePublic},
	{"vault.azure.cn", false, cloud.AzureChina},
	{"managedhsm.azure.cn", true, cloud.AzureChina},
	{"vault.usgovcloudapi.net", false, cloud.AzureGovernment},
	{"managedhsm.usgovcloudapi.net", true, cloud.AzureGovernment},
}

// scope is the only one a token for the service is asked for.
func (s service) scope() string { return "https://" + s.suffix + "/.default" }

// role is the narrowest of Azure's own roles that people assign by name.
func (s service) role() string {
	if s.hsm {
		return "Managed HSM Crypto User"
	}
	return "Key Vault Crypto User"
}

// action is the data action behind an operation.
func (s service) action(o operation) string {
	if !s.hsm {
		return "Microsoft.KeyVault/vaults/keys/" + o.action
	}
	return "Microsoft.KeyVault/managedHsm/keys/" + strings.TrimSuffix(o.action, "/action") + "/action"
}

// serviceOf finds the service a host belongs to by its name.
func serviceOf(host string) (service, bool) {
	label, suffix, _ := strings.Cut(host, ".")
	for _, s := range services {
		if label != "" && suffix == s.suffix {
			return s, true
		}
	}
	return service{}, false
}

// scopesFor lists what tokens a host may be given. A host that the user allowed
// may stand for any of the services, and for nothing else of Azure.
func scopesFor(host string) []string {
	if s, known := serviceOf(host); known {
		return []string{s.scope()}
	}
	var all []string
	for _, s := range services {
		all = append(all, s.scope())
	}
	return all
}

// authorityFor is the cloud that issues the tokens for a host. What the user set
// in AZURE_AUTHORITY_HOST counts more than the host's name.
func authorityFor(host, set string) cloud.Configuration {
	if set != "" {
		if !strings.Contains(set, "://") {
			set = "https://" + set
		}
		return cloud.Configuration{ActiveDirectoryAuthorityHost: set}
	}
	if s, known := serviceOf(host); known {
		return s.cloud
	}
	return cloud.AzurePublic
}

// wellKnown are the authorities that instance discovery knows. It vouches for no
// other, and asking it about a private one would tell Microsoft of it.
var wellKnown = []string{
	"login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net",
	"login.microsoftonline.us", "login.usgovcloudapi.net", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
}

func discoverable(authority string) bool {
	u, err := url.Parse(authority)
	return err == nil && slices.Contains(wellKnown, u.Host)
}
