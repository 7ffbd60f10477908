package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var hashicorp = []scan.Rule{
	{
		ID: "terraform-cloud-token", Title: "HCP Terraform API token", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
		Keywords: []string{".atlasv1."}, Pattern: `[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{60,80}`,
	},
	{
		ID: "vault-service-token", Title: "HashiCorp Vault service token", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/vault/docs/concepts/tokens",
		Keywords: []string{"hvs."}, Pattern: `hvs\.[0-9A-Za-z_-]{24,300}`, Entropy: 3.5,
	},
	{
		ID: "vault-batch-token", Title: "HashiCorp Vault batch token", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/vault/docs/concepts/tokens",
		Keywords: []string{"hvb."}, Pattern: `hvb\.[0-9A-Za-z_-]{60,300}`,
	},
	{
		ID: "vault-legacy-token", Title: "HashiCorp Vault token (before 1.10)", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/vault/docs/concepts/tokens",
		Keywords: []string{"vault"}, Value: `s\.[0-9A-Za-z]{24}`, Entropy: 3,
	},
	{
		ID: "vault-unseal-key", Title: "HashiCorp Vault unseal key", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/vault/docs/concepts/seal",
		Keywords: []string{"unseal_key", "unsealkey", "unseal key", "vault_unseal"}, Value: `[0-9A-Za-z+/]{43}=|[0-9A-Za-z+/]{44}|[0-9a-f]{64,66}`, Entropy: 3,
	},
	{
		ID: "consul-token", Title: "HashiCorp Consul ACL token", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/consul/docs/secure/acl/token",
		Keywords: []string{"consul"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
	{
		ID: "nomad-token", Title: "HashiCorp Nomad ACL token", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/nomad/docs/secure/acl/tokens",
		Keywords: []string{"nomad"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
	{
		ID: "hcp-client-secret", Title: "HashiCorp Cloud Platform client secret", Severity: scan.Critical,
		Source:   "https://developer.hashicorp.com/hcp/docs/hcp/iam/service-principal",
		Keywords: []string{"hcp_client_secret", "hcp_client"}, Value: `[0-9A-Za-z_-]{64}`, Entropy: 4,
	},
}
