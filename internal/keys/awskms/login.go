package awskms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// login gets the credentials before anything is asked with them: within a call
// of KMS the SDK does not tell whose failure it was.
func (q question) login(ctx context.Context, s *service) error {
	if _, err := s.base.Retrieve(ctx); err != nil {
		return q.noLogin(err, s)
	}
	if s.assumed == nil {
		return nil
	}
	if _, err := s.assumed.Retrieve(ctx); err != nil {
		q.action = "sts:AssumeRole"
		return q.explain(err, s)
	}
	return nil
}

// noLogin says why the user's own credentials cannot be had. Only what may pass
// by itself is unreachable: a clone without keys must be able to check out.
func (q question) noLogin(err error, s *service) error {
	var process *processcreds.ProviderError
	var api smithy.APIError
	var send *smithyhttp.RequestSendError
	none := fault(q.recipient, keys.NoIdentity, "")
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case !coded(err) && passing(statusOf(err)):
		none.Kind = keys.Unreachable
		if statusOf(err) == http.StatusTooManyRequests {
			none.Kind = keys.Throttled
		}
		none.Message = fmt.Sprintf("the service that gives this machine its AWS credentials answered %d", statusOf(err))
	case onlyIMDS(s.base):
		none.Message = "no AWS credentials found"
		none.Hint = "log in (aws sso login, aws configure) or choose a profile: git config --global envelope.awsProfile NAME"
	case errors.As(err, &process): // its text may quote the program's output
		none.Message = "the profile's credential_process failed"
		none.Hint = "run the program that credential_process names in your AWS configuration, to see what it says"
	case s.from(ssoSources) && errors.As(err, &api) && ofKind(api, keys.Denied):
		none.Kind, none.Message = keys.Denied, "the SSO login may not use the profile's account and role"
	case coded(err), errors.As(err, &send), errors.Is(err, context.DeadlineExceeded):
		q.action, q.role = "sts:AssumeRole", ""
		return q.explain(err, s)
	case s.from(ssoSources) || s.from(loginSources):
		none.Kind = keys.Expired
		none.Message, none.Hint = "", s.renew()
	default:
		none.Message = "the configured AWS credentials cannot be had: " + cause(err)
	}
	return none
}

// passing tells an answer of which another may follow soon.
func passing(status int) bool { return status == http.StatusTooManyRequests || status >= 500 }

// coded tells an error of AWS itself from those of the services that hand
// credentials to machines and containers, which have a status and no code.
func coded(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError"
}

func ofKind(api smithy.APIError, kind keys.Kind) bool {
	k, _ := kindOf(api.ErrorCode())
	return k == kind
}

var (
	ssoSources = []aws.CredentialSource{aws.CredentialSourceProfileSSO, aws.CredentialSourceSSO,
		aws.CredentialSourceProfileSSOLegacy, aws.CredentialSourceSSOLegacy}
	loginSources   = []aws.CredentialSource{aws.CredentialSourceProfileLogin, aws.CredentialSourceLogin}
	environment    = []aws.CredentialSource{aws.CredentialSourceEnvVars}
	processSources = []aws.CredentialSource{aws.CredentialSourceProfileProcess, aws.CredentialSourceProcess}
)

// from tells whether the user's credentials come from one of the sources.
func (s *service) from(sources []aws.CredentialSource) bool {
	p, ok := s.base.(aws.CredentialProviderSource)
	return ok && slices.ContainsFunc(p.ProviderSources(), func(c aws.CredentialSource) bool { return slices.Contains(sources, c) })
}

// renew is what to type to have fresh credentials.
func (s *service) renew() string {
	profile := ""
	if s.profile != "" {
		profile = " --profile " + keys.OneLine(s.profile, 60)
	}
	switch {
	case s.from(ssoSources):
		return "aws sso login" + profile
	case s.from(loginSources):
		return "aws login" + profile
	case s.from(environment):
		return "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew"
	case s.from(processSources):
		return "log in again with the program that credential_process names in your AWS configuration"
	}
	return "renew your AWS credentials, then try: aws sts get-caller-identity" + profile
}

// expired says what AWS did not like about the credentials.
func expired(code string) string {
	switch code {
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId":
		return "AWS does not know these credentials (any more)"
	case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException", "RequestTimeTooSkewed":
		return "AWS does not accept the signature: a wrong secret access key, or a wrong clock"
	case "InvalidIdentityToken", "IDPRejectedClaim":
		return "AWS does not accept the web identity token"
	case "MissingAuthenticationToken", "MissingAuthenticationTokenException":
		return "the request was not signed"
	}
	return ""
}

// noConfig says why the user's AWS configuration is of no use.
func noConfig(r keys.Recipient, err error, profile string) *keys.Error {
	var missing config.SharedConfigProfileNotExistError
	var broken config.SharedConfigLoadError
	var mfa config.AssumeRoleTokenProviderNotSetError
	e := fault(r, keys.NoIdentity, "")
	switch {
	case errors.As(err, &mfa):
		e.Message = "the AWS profile asks for an MFA code, and nothing here prompts"
		e.Hint = "get a session with your MFA device first (aws sts get-session-token), and name its profile: git config --global envelope.awsProfile NAME"
	case errors.As(err, &missing):
		e.Message = "your AWS configuration has no profile " + keys.OneLine(missing.Profile, 60)
		e.Hint = "unset AWS_PROFILE, or set it to one of: aws configure list-profiles"
		if profile != "" {
			e.Hint = "git config --global envelope.awsProfile NAME, one of: aws configure list-profiles"
		}
	case errors.As(err, &broken):
		e.Message = "the AWS configuration in " + keys.OneLine(broken.Filename, maxForeign) + " cannot be read"
	default:
		e.Message = "your AWS configuration cannot be used: " + cause(err)
	}
	return e
}
