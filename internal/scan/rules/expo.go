package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var expo = []scan.Rule{
	{
		ID: "expo-access-token", Title: "Expo access token", Severity: scan.High,
		Source:   "https://docs.expo.dev/accounts/programmatic-access/",
		Keywords: []string{"expo_token", "expotoken", "expo_access"}, Value: `[0-9A-Za-z_-]{40}`, Entropy: 3.8,
	},
}
