package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const yandexTokens = "https://yandex.cloud/en/docs/iam/concepts/authorization/"

var yandex = []scan.Rule{
	{
		ID: "yandex-api-key", Title: "Yandex Cloud API key", Severity: scan.Critical, Source: yandexTokens + "api-key",
		Keywords: []string{"aqvn"}, Pattern: `AQVN[0-9A-Za-z_-]{35,38}`, Entropy: 3.5,
	},
	{
		ID: "yandex-iam-token", Title: "Yandex Cloud IAM token", Severity: scan.High, Source: yandexTokens + "iam-token",
		Keywords: []string{"t1.9eu", "iam_token", "iamtoken", "yandex"}, Pattern: `(t1\.[0-9A-Za-z_-]{20,400}={0,2}\.[0-9A-Za-z_-]{86}={0,2})`, Reach: 1024,
		Match: []string{"YANDEX_IAM_TOKEN={}\n", "iamToken: \"{}\"\n"},
	},
	{
		ID: "yandex-oauth-token", Title: "Yandex OAuth token", Severity: scan.Critical, Source: yandexTokens + "oauth-token",
		Keywords: []string{"y0_ag", "y0_aq", "y0__x", "y1_ag", "y1_aq", "y1__x", "y2_ag", "y2_aq", "y3_ag", "y3_aq"}, Pattern: `y(?:[0-3]_A[Qg]|[01]__x)[0-9A-Za-z_-]{48,62}`, Entropy: 3.5,
	},
	{
		ID: "yandex-static-key", Title: "Yandex Cloud static access key", Severity: scan.Critical, Source: yandexTokens + "access-key",
		Keywords: []string{"yandex", "yc_", "ycaje", "secret_access_key", "secret_key", "secretkey"}, Value: `YC[0-9A-Za-z_-]{38}`, Entropy: 3.5,
	},
	{
		ID: "yandex-captcha-key", Title: "Yandex SmartCaptcha server key", Severity: scan.Medium, Source: "https://yandex.cloud/en/docs/smartcaptcha/concepts/keys",
		Keywords: []string{"ysc2_"}, Pattern: `ysc2_[0-9A-Za-z]{48}`,
	},
}
