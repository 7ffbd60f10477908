package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var jenkins = []scan.Rule{
	{
		ID: "jenkins-api-token", Title: "Jenkins API token", Severity: scan.Critical,
		Source:   "https://www.jenkins.io/doc/book/system-administration/authenticating-scripted-clients/",
		Keywords: []string{"jenkins"}, Value: `11[0-9a-f]{32}`, Entropy: 3,
	},
}
