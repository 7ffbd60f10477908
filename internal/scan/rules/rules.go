// Package rules holds the secrets that package scan knows: one file for each
// service, or each family of formats that belong to nobody. Patterns and texts
// are our own, written from what the providers document.
package rules

import (
	"slices"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// All returns every rule. Each file's list stands here.
func All() []scan.Rule {
	return slices.Concat(
		github,
		nats,
		neon,
		netlify,
		newRelic,
		newsAPI,
		nexus,
		ngrok,
		nightfall,
		notion,
		npm,
		nuget,
		nvidia,
		nylas,
		octopus,
		okta,
		oneSignal,
		onfido,
		openAI,
		openRouter,
		openShift,
		openVSX,
		openWeather,
		opsgenie,
		oracle,
		ovh,
		packagist,
		paddle,
		pagerDuty,
		payPal,
		paystack,
		perplexity,
		pinecone,
		pipedrive,
		plaid,
		planetScale,
		polar,
		portainer,
		postHog,
		postman,
		postmark,
		prefect,
		proxmox,
		pubNub,
		pulumi,
		pushbullet,
		pusher,
		pushover,
		pyPI,
	)
}
