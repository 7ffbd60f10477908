package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var lineMessaging = []scan.Rule{
	{
		ID: "line-channel-token", Title: "LINE channel access token", Severity: scan.High,
		Source:   "https://developers.line.biz/en/docs/basics/channel-access-token/",
		Keywords: []string{"line_channel_access", "linechannelaccess", "line_access_token", "channel_access_token", "channelaccesstoken"},
		Value:    `[0-9A-Za-z+/]{150,176}={0,2}`, Entropy: 4,
	},
	{
		ID: "line-channel-secret", Title: "LINE channel secret", Severity: scan.High,
		Source:   "https://developers.line.biz/en/docs/basics/channel-access-token/",
		Keywords: []string{"line_channel_secret", "linechannelsecret", "channel_secret", "channelsecret"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
