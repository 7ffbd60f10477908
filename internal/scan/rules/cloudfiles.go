package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

// cloudFiles are files that clouds and the tools for them write.
var cloudFiles = append([]scan.Rule{
	{
		ID: "google-service-account-key", Title: "Google service account key", Severity: scan.Critical, Source: "https://cloud.google.com/iam/docs/keys-create-delete",
		Keywords: []string{"\"private_key_id\"", "\\\"private_key_id\\\""}, Whole: true, Raw: true, Inside: true, Detect: detectServiceAccount,
		Match: []string{"{\n  \"type\": \"service_account\",\n  \"private_key_id\": \"0f\",\n  \"private_key\": \"{}\\n\",\n  \"client_email\": \"a@b.iam.gserviceaccount.com\"\n}\n"},
		Miss:  []string{"{\"private_key_id\": \"0f\", \"private_key\": \"-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----\\n\"}\n", "{\"private_key_id\": \"0f\"}\n"},
	},
	{
		ID: "terraform-random-password", Title: "generated password in a Terraform state", Severity: scan.High, Source: "https://developer.hashicorp.com/terraform/language/state/sensitive-data",
		Keywords: []string{"\"random_password\"", "\"random_string\""}, Whole: true, Inside: true, Detect: detectTerraformResult,
		Match: []string{"{\"type\": \"random_password\", \"instances\": [{\"attributes\": {\n  \"length\": 20,\n \"result\": \"{}\"}}]}\n"},
		Miss:  []string{"resource \"random_password\" \"db\" {\n  length = 20\n}\n", "{\"type\": \"random_password\", \"name\": \"{}\"}\n"},
	},
	{
		ID: "cloudformation-default-secret", Title: "default of a hidden CloudFormation parameter", Severity: scan.High,
		Source:   "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
		Keywords: []string{"noecho"}, Whole: true, Inside: true, Generic: true, Detect: detectNoEcho,
		Match: []string{"  DBPassword:\n    NoEcho: true\n    Type: String\n    Default: {}\n", "\"P\": {\"Default\": \"{}\", \"NoEcho\": \"true\"}\n"},
		Miss:  []string{"  P:\n    NoEcho: true\n    Type: String\n  Q:\n    Type: String\n", "  P:\n    NoEcho: true\n    Default: ''\n", "  P:\n    NoEcho: false\n    Default: {}\n"},
	},
}, settingRules([]setting{
	{id: "oauth-client-secret", title: "secret of an OAuth client", severity: scan.High, source: "https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1",
		names: []string{"client_secret", "clientsecret", "client-secret", "consumer_secret", "oauth_secret"}, judge: atLeast(16), generic: true,
		sample: []string{"{\"installed\":{\"client_id\":\"x\",\"client_secret\":\"{}\"}}\n", "{\"clientId\":\"x\", \"clientSecret\": \"{}\"}\n", "client_secret = {}\n"}},
	{id: "oauth-refresh-token", title: "OAuth refresh token", severity: scan.High, source: "https://www.rfc-editor.org/rfc/rfc6749#section-1.5", names: []string{"refresh_token", "refreshtoken", "refresh-token"},
		judge: atLeast(20), generic: true, sample: []string{"{\"type\": \"authorized_user\", \"refresh_token\": \"{}\"}\n", "REFRESH_TOKEN={}\n"}},
	{id: "oauth-access-token", title: "OAuth access token", severity: scan.High, source: "https://www.rfc-editor.org/rfc/rfc6749#section-1.4", names: []string{"access_token", "accesstoken", "oauth_token", "access_token_secret"},
		judge: atLeast(20), generic: true, sample: []string{"{\"access_token\": \"{}\", \"token_type\": \"bearer\"}\n", "accessToken: '{}',\n"}},
	{id: "azure-publish-password", title: "password of an Azure publish profile", severity: scan.High, source: "https://learn.microsoft.com/en-us/visualstudio/azure/how-to-get-publish-profile-from-azure-app-service", names: []string{"userpwd"},
		judge: atLeast(16), sample: []string{"<publishProfile profileName=\"x\" userName=\"$x\" userPWD=\"{}\" />\n"}},
})...)

// maxObject is how far behind a member of an object another one is looked for.
const maxObject = 4096

// detectServiceAccount reads the key that stands beside its id.
func detectServiceAccount(text []byte, at int) []scan.Span {
	const label = "private key"
	for _, part := range [][2]int{{at + 10, min(len(text), at+maxObject)}, {max(0, at-maxObject), at}} {
		start, end := part[0], part[1]
		if i := bytes.Index(text[start:end], []byte("private_key_id")); i >= 0 {
			end = start + i // another key's
		}
		i := bytes.Index(text[start:end], []byte("-----BEGIN PRIVATE KEY-----"))
		if i < 0 {
			continue
		}
		if b, ok := findPEM(text, start+i, label); ok {
			if k := b.key(label); k.note != "" && !k.encrypted {
				return []scan.Span{{Start: start + i, End: b.end, Validity: k.validity, Note: k.note}}
			}
		}
	}
	return nil
}

// detectTerraformResult reads what a resource of Terraform drew.
func detectTerraformResult(text []byte, at int) (out []scan.Span) {
	end := min(len(text), at+maxObject)
	if i := bytes.Index(text[at+1:end], []byte("\"random_")); i >= 0 {
		end = at + 1 + i
	}
	for i := at; ; {
		n := bytes.Index(text[i:end], []byte("\"result\""))
		if n < 0 {
			return out
		}
		i += n + len("\"result")
		if v, ok := assigned(text[:end], i); ok && v.quoted && len(v.of(text)) >= 6 && !assign.Placeholder(v.of(text)) {
			out = append(out, scan.Span{Start: v.start, End: v.end, Validity: scan.Plausible})
		}
	}
}

// detectNoEcho reads the default of the parameter at hand: in YAML what is as far
// indented, in JSON what is within its braces.
func detectNoEcho(text []byte, at int) []scan.Span {
	if v, ok := assigned(text, at+len("noecho")); !ok || !hasFold(text, v.start, "true") {
		return nil
	}
	start, end := max(0, at-maxLine), min(len(text), at+maxLine)
	first, _ := lineAround(text, at)
	if indent := indentation(text[first:]); indent > 0 && first+indent == at {
		return sibling(text[start:end], at-start, start, indent)
	}
	if i := bytes.LastIndexByte(text[start:at], '{'); i >= 0 {
		start += i
	}
	if i := bytes.IndexByte(text[at:end], '}'); i >= 0 {
		end = at + i
	}
	return defaultIn(text, start, end)
}

// sibling looks for a default on the lines around at of the same indentation.
func sibling(part []byte, at, offset, indent int) []scan.Span {
	same := func(i int) bool { return indentation(part[i:]) >= indent }
	start, _ := lineAround(part, at)
	for start > 0 {
		before, _ := lineAround(part, start-1)
		if !same(before) || before == start {
			break
		}
		start = before
	}
	end := at
	for {
		i := bytes.IndexByte(part[end:], '\n')
		if i < 0 {
			end = len(part)
			break
		}
		end += i + 1
		if end >= len(part) || !same(end) {
			break
		}
	}
	spans := defaultIn(part, start, min(end, len(part)))
	for i := range spans {
		spans[i].Start += offset
		spans[i].End += offset
	}
	return spans
}

func defaultIn(text []byte, start, end int) []scan.Span {
	i := bytes.Index(text[start:end], []byte("Default"))
	if i < 0 {
		return nil
	}
	v, ok := assigned(text[:end], start+i+len("Default"))
	if !ok || !credible(v.of(text)) || !mixed(v.of(text)) && len(v.of(text)) < 12 {
		return nil
	}
	return []scan.Span{{Start: v.start, End: v.end}}
}
