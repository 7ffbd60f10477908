package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var telegram = []scan.Rule{{
	ID: "telegram-bot-token", Title: "Telegram bot token", Severity: scan.High, Source: "https://core.telegram.org/bots/features#botfather",
	Keywords: []string{":aa"}, Pattern: `(?:\b|bot)([0-9]{8,10}:AA[0-9A-Za-z_-]{33})`, Inside: true,
	Match: []string{"TOKEN={}\n", "https://api.telegram.org/bot{}/sendMessage\n", "bot = TeleBot('{}')"}, Miss: []string{"MAC=00:aa:aa:bb:cc:dd\n", "x{}"},
}, {
	ID: "telegram-api-hash", Title: "Telegram API hash", Severity: scan.Medium, Source: "https://core.telegram.org/api/obtaining_api_id",
	Keywords: append(names("telegram", "api_hash", "hash"), "api_hash"), Value: `[0-9a-f]{32}`, Entropy: 2.7,
}}
