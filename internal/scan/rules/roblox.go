package rules

import (
	"regexp"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const robloxCookie = "_|WARNING:-DO-NOT-SHARE-THIS.--Sharing-this-will-allow-someone-to-log-in-as-you-and-to-steal-your-ROBUX-and-items.|_"

var roblox = []scan.Rule{
	{
		ID: "roblox-security-cookie", Title: "Roblox session cookie", Severity: scan.Critical, Source: "https://create.roblox.com/docs/cloud/legacy",
		Keywords: []string{"_|warning:-do-not-share-this.--"}, Reach: 4096, Inside: true, Raw: true,
		Pattern: regexp.QuoteMeta(robloxCookie) + `(?:[0-9A-Za-z+/=._-]{100,})`,
	},
	{
		ID: "roblox-api-key", Title: "Roblox Open Cloud API key", Severity: scan.High, Source: "https://create.roblox.com/docs/cloud/auth/api-keys",
		Keywords: append(names("roblox"), "rblx_api_key"), Value: `[0-9A-Za-z+/]{48}(?:ZXlK[0-9A-Za-z+/=]{200,})?`, Entropy: 3.8,
	},
}
