package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var twitch = []scan.Rule{
	{
		ID: "twitch-client-secret", Title: "Twitch client secret or token", Severity: scan.High, Source: "https://dev.twitch.tv/docs/authentication/",
		Keywords: names("twitch", "client_secret", "secret", "token", "access_token", "api", "oauth", "refresh"), Value: `(?:oauth:)?[0-9a-z]{30}`, Entropy: 3.2,
	},
	{
		ID: "twitch-stream-key", Title: "Twitch stream key", Severity: scan.High, Source: "https://help.twitch.tv/s/article/twitch-stream-key-faq",
		Keywords: []string{"live_"}, Pattern: `(live_[0-9]{6,12}_[0-9A-Za-z]{30})`,
		Match: []string{"TWITCH_STREAM_KEY={}\n", "rtmp://live.twitch.tv/app/{}\n"}, Miss: []string{"x{}"},
	},
}
