package rules

import "github.com/git-envelope/git-envelope/internal/scan"

const googleOAuth = "https://developers.google.com/identity/protocols/oauth2"

var google = []scan.Rule{
	{
		ID: "google-api-key", Title: "Google API key", Severity: scan.High,
		Source:   "https://cloud.google.com/docs/authentication/api-keys",
		Keywords: []string{"aiza"}, Pattern: `AIza[0-9A-Za-z_-]{35}`, Entropy: 3.5,
	},
	{
		ID: "google-auth-key", Title: "Google API key bound to a service account", Severity: scan.High,
		Source:   "https://cloud.google.com/docs/authentication/api-keys",
		Keywords: []string{"aq.ab"}, Pattern: `AQ\.Ab[0-9A-Za-z_-]{46,64}`, Entropy: 4,
	},
	{
		ID: "google-oauth-client-secret", Title: "Google OAuth client secret", Severity: scan.Critical, Source: googleOAuth,
		Keywords: []string{"gocspx-"}, Pattern: `GOCSPX-[0-9A-Za-z_-]{28}`,
	},
	{
		ID: "google-oauth-legacy-secret", Title: "Google OAuth client secret (before prefixes)", Severity: scan.Critical, Source: googleOAuth,
		Keywords: []string{"google_client_secret", "google_secret", "google_oauth", "googleclientsecret", ".apps.googleusercontent.com"},
		Value:    `[0-9A-Za-z_-]{24}`, Entropy: 3.6,
	},
	{
		ID: "google-refresh-token", Title: "Google OAuth refresh token", Severity: scan.Critical, Source: googleOAuth,
		Keywords: []string{"1//0"}, Pattern: `1//0[0-9A-Za-z_-]{60,120}`, Entropy: 4,
	},
	{
		ID: "google-access-token", Title: "Google OAuth access token", Severity: scan.Medium, Source: googleOAuth,
		Keywords: []string{"ya29."}, Pattern: `ya29\.[0-9A-Za-z_.-]{30,1000}`, Reach: 2048, Entropy: 4,
	},
	{
		ID: "google-hmac-key-id", Title: "Google Cloud Storage HMAC access id", Severity: scan.High,
		Source:   "https://cloud.google.com/storage/docs/authentication/hmackeys",
		Keywords: []string{"goog1e"}, Pattern: `GOOG1E[0-9A-Z]{55}`,
	},
	{
		ID: "google-recaptcha-secret", Title: "reCAPTCHA secret key", Severity: scan.Medium,
		Source:   "https://developers.google.com/recaptcha/docs/verify",
		Keywords: []string{"recaptcha_secret", "recaptchasecret", "recaptcha-secret", "recaptcha_private", "recaptchaprivate", "captcha_secret"},
		Value:    `6L[a-f][0-9A-Za-z_-]{37}`, Entropy: 3.5,
	},
	{
		ID: "firebase-server-key", Title: "Firebase Cloud Messaging server key (legacy)", Severity: scan.High,
		Source:   "https://firebase.google.com/docs/cloud-messaging/auth-server",
		Keywords: []string{":apa91b"}, Pattern: `AAAA[0-9A-Za-z_-]{7}:APA91b[0-9A-Za-z_-]{134}`,
	},
}
