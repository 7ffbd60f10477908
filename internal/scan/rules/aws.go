package rules

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const (
	awsIdentifiers = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"
	awsKeys        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"
	awsBedrock     = "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html"
)

var aws = []scan.Rule{
	{
		ID: "aws-access-key-id", Title: "AWS access key id", Severity: scan.High, Source: awsIdentifiers,
		Keywords: []string{"akia"}, Pattern: `AKIA[2-7A-Z]{16}`, Entropy: 2.8, Check: awsAccount,
	},
	{
		ID: "aws-temporary-access-key-id", Title: "AWS temporary access key id", Severity: scan.Medium, Source: awsIdentifiers,
		Keywords: []string{"asia"}, Pattern: `ASIA[2-7A-Z]{16}`, Entropy: 2.8, Check: awsAccount,
	},
	{
		ID: "aws-bearer-token-id", Title: "AWS STS service bearer token or credential id", Severity: scan.Medium, Source: awsIdentifiers,
		Keywords: []string{"abia", "acca"}, Pattern: `A(?:BIA|CCA)[2-7A-Z]{16}`, Entropy: 3, Check: awsAccount,
	},
	{
		ID: "aws-secret-access-key", Title: "AWS secret access key", Severity: scan.Critical, Source: awsKeys,
		Keywords: []string{"secret_access_key", "secretaccesskey", "secret-access-key", "aws_secret", "awssecret", "aws_key", "aws_access", "akia", "asia"},
		// No hexadecimal digest of 40 digits reaches this entropy.
		Value: `[0-9A-Za-z/+]{40}`, Entropy: 4.01,
	},
	{
		ID: "aws-session-token", Title: "AWS session token", Severity: scan.High,
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
		Keywords: []string{"iqojb3jpz2lu", "fwogzxivyxdz", "fqogzxivyxdz"},
		Pattern:  `(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[0-9A-Za-z/+=%]{100,}`, Reach: 8192,
	},
	{
		ID: "aws-ses-smtp-password", Title: "AWS SES SMTP password", Severity: scan.High,
		Source:   "https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html",
		Keywords: []string{"smtp", "ses_"}, Value: `B[A-P][0-9A-Za-z+/]{42}`, Entropy: 4,
	},
	{
		ID: "aws-bedrock-api-key", Title: "Amazon Bedrock API key", Severity: scan.Critical, Source: awsBedrock,
		Keywords: []string{"abskqmvkcm9ja0fqsutles"}, Pattern: `ABSKQmVkcm9ja0FQSUtleS[0-9A-Za-z+/]{80,300}={0,2}`,
	},
	{
		ID: "aws-bedrock-short-term-key", Title: "Amazon Bedrock API key (short-term)", Severity: scan.High, Source: awsBedrock,
		Keywords: []string{"bedrock-api-key-"}, Pattern: `bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[0-9A-Za-z+/=_-]{40,}`, Reach: 8192,
	},
	{
		ID: "aws-appsync-api-key", Title: "AWS AppSync API key", Severity: scan.Medium,
		Source:   "https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#api-key-authorization",
		Keywords: []string{"da2-"}, Pattern: `da2-[0-9a-z]{26}`, Entropy: 3.2,
	},
}

// awsAccount reads the account out of an access key id: the 40 bits behind the
// first of what its base 32 holds. Where that first bit is not set the id is from
// before 2019 and holds none.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
func awsAccount(id []byte) (scan.Validity, string) {
	var raw [16]byte
	if n, err := base32.StdEncoding.Decode(raw[:], id[4:]); err != nil || n < 6 {
		return scan.Invalid, ""
	}
	account := binary.BigEndian.Uint64(raw[:8]) >> 23 & (1<<40 - 1)
	if raw[0]&0x80 == 0 || account > 999_999_999_999 {
		return scan.Unverified, ""
	}
	return scan.Plausible, fmt.Sprintf("AWS account %012d", account)
}
