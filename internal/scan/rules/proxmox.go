package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var proxmox = []scan.Rule{{
	ID: "proxmox-api-token", Title: "Proxmox API token", Severity: scan.Critical, Source: "https://pve.proxmox.com/wiki/Proxmox_VE_API#API_Tokens",
	Keywords: []string{"pveapitoken", "pbsapitoken", "proxmox", "@pve!", "@pam!"}, Pattern: `[A-Za-z0-9._-]{1,64}@[A-Za-z0-9._-]{1,32}![A-Za-z0-9._-]{1,64}[=:](` + uuid + `)`,
	Match: []string{"Authorization: PVEAPIToken=root@pam!ci={}\n", "pm_api_token = \"terraform@pve!tf={}\""}, Miss: []string{"id={}\n"},
}}
