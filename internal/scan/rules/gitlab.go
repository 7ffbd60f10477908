package rules

import (
	"bytes"
	"hash/crc32"
	"strconv"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const gitlabTokens = "https://docs.gitlab.com/security/tokens/#token-prefixes"

// gitlabBody is what follows a prefix: random characters, or since the routable
// tokens base64, version, length and checksum.
const gitlabBody = `[0-9A-Za-z_-]{20,300}(?:(?:\.[0-9a-z]{2})?\.[0-9a-z]{9})?`

var gitlab = []scan.Rule{
	gitlabToken("gitlab-pat", "personal, project or group access token", scan.Critical, "glpat-"),
	gitlabToken("gitlab-deploy-token", "deploy token", scan.High, "gldt-"),
	gitlabToken("gitlab-runner-token", "runner authentication token", scan.High, "glrt-"),
	gitlabToken("gitlab-runner-registered-token", "runner authentication token (registered)", scan.High, "glrtr-"),
	gitlabToken("gitlab-ci-job-token", "CI/CD job token", scan.High, "glcbt-"),
	gitlabToken("gitlab-trigger-token", "pipeline trigger token", scan.High, "glptt-"),
	gitlabToken("gitlab-feed-token", "feed token", scan.Medium, "glft-"),
	gitlabToken("gitlab-incoming-mail-token", "incoming mail token", scan.Medium, "glimt-"),
	gitlabToken("gitlab-agent-token", "agent for Kubernetes token", scan.Critical, "glagent-"),
	gitlabToken("gitlab-workspace-token", "workspace token", scan.High, "glwt-"),
	gitlabToken("gitlab-oauth-secret", "OAuth application secret", scan.Critical, "gloas-"),
	gitlabToken("gitlab-scim-token", "SCIM token", scan.Critical, "glsoat-"),
	gitlabToken("gitlab-feature-flag-token", "feature flags client token", scan.Medium, "glffct-"),
	{
		ID: "gitlab-runner-registration-token", Title: "GitLab runner registration token", Severity: scan.High, Source: gitlabTokens,
		Keywords: []string{"gr1348941"}, Pattern: `GR1348941[0-9A-Za-z_-]{20}`,
	},
	{
		ID: "gitlab-session-cookie", Title: "GitLab session cookie", Severity: scan.High, Source: gitlabTokens,
		Keywords: []string{"_gitlab_session"}, Pattern: `_gitlab_session=([0-9a-f]{32})`,
		Match: []string{"Cookie: _gitlab_session={}; theme=dark\n"},
	},
}

func gitlabToken(id, what string, severity scan.Severity, prefix string) scan.Rule {
	return scan.Rule{
		ID: id, Title: "GitLab " + what, Severity: severity, Source: gitlabTokens,
		Keywords: []string{prefix}, Pattern: prefix + gitlabBody, Entropy: 3.2, Check: gitlabChecksum,
	}
}

// gitlabChecksum verifies what ends a routable token: two digits in base 36 are
// the length of its base64, seven the CRC-32 of all before them.
// https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/
func gitlabChecksum(token []byte) (scan.Validity, string) {
	dash, dot := bytes.IndexByte(token, '-'), bytes.IndexByte(token, '.')
	if dot < 0 {
		return scan.Unverified, ""
	}
	at := len(token) - 7
	length, err := strconv.ParseUint(string(token[at-2:at]), 36, 16)
	ok := err == nil && int(length) == dot-dash-1
	return proven(ok && string(token[at:]) == base36(crc32.ChecksumIEEE(token[:at]), 7))
}
