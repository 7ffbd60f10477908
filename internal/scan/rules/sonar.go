package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const sonarTokens = "https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/"

var sonar = []scan.Rule{
	{
		ID: "sonar-token", Title: "SonarQube token", Severity: scan.High, Source: sonarTokens,
		Keywords: []string{"sqp_", "squ_", "sqa_"}, Pattern: `sq[apu]_[0-9a-f]{40}`,
	},
	{
		ID: "sonar-legacy-token", Title: "SonarQube or SonarCloud token without prefix", Severity: scan.High, Source: sonarTokens,
		Keywords: append(append(names("sonar", "token", "login", "auth"), names("sonarqube", "token")...), names("sonarcloud", "token")...), Value: `[0-9a-f]{40}`, Entropy: 2.7,
	},
}
