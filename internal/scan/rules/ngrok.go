package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const ngrokTokens = "https://ngrok.com/docs/api/#authentication"

var ngrok = []scan.Rule{{
	ID: "ngrok-token", Title: "ngrok authtoken or API key", Severity: scan.High, Source: ngrokTokens,
	Keywords: []string{"ngrok"}, Pattern: `([1-9][0-9A-Za-z]{26}_[0-9A-Za-z]{20,21})`,
	Match: []string{"NGROK_AUTHTOKEN={}\n", "ngrok config add-authtoken {}\n", "ngrok authtoken {}"},
	Miss:  []string{"NGROK_AUTHTOKEN=x{}x\n"},
}}
