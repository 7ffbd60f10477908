package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var discord = []scan.Rule{
	{
		ID: "discord-bot-token", Title: "Discord bot token", Severity: scan.Critical,
		Source: "https://discord.com/developers/docs/reference#authentication",
		Keywords: []string{
			"discord", "bot_token", "bottoken", "bot-token", "client.run(", "client.login(", "bot.run(", "bot.login(", "authorization: bot",
		},
		Pattern: `([MNO][0-9A-Za-z_-]{23,27}\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27,38})`, Check: discordToken,
		Match: []string{"DISCORD_TOKEN={}\n", "client.run(\"{}\")\n", "  \"bot_token\": \"{}\",\n", "curl -H 'Authorization: Bot {}'\n"},
	},
	{
		ID: "discord-webhook", Title: "Discord webhook", Severity: scan.Medium,
		Source:   "https://discord.com/developers/docs/resources/webhook",
		Keywords: []string{"/api/webhooks/"}, Pattern: `https://[0-9A-Za-z.]{0,16}discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,80}`,
	},
	{
		ID: "discord-client-secret", Title: "Discord client secret", Severity: scan.High,
		Source:   "https://discord.com/developers/docs/topics/oauth2",
		Keywords: []string{"discord"}, Value: `[0-9A-Za-z_-]{32}`, Entropy: 4,
	},
}

// discordToken decodes the bot's id, a decimal number, in front of the first dot.
func discordToken(token []byte) (scan.Validity, string) {
	head, _, _ := bytes.Cut(token, []byte("."))
	id, ok := unbase64(head)
	if !ok || len(id) < 17 || !onlyDigits(id) {
		return scan.Invalid, ""
	}
	return scan.Plausible, "bot " + string(id)
}
