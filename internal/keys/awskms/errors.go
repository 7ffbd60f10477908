package awskms

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// maxForeign bounds what of a service's text goes into a message.
const maxForeign = 200

// kinds are the error codes that tell a kind by themselves. Most are no types
// of the SDK, so the code is all there is to go by. Some are those of STS, SSO
// and the gateways before all services.
var kinds = map[keys.Kind][]string{
	keys.Denied: {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OptInRequired",
		"RegionDisabledException", "ForbiddenException", "ResourceNotFoundException"},
	keys.Disabled:    {"DisabledException", "KMSInvalidStateException"},
	keys.NotFound:    {"NotFoundException", "InvalidArnException"},
	keys.Tampered:    {"InvalidCiphertextException", "IncorrectKeyException"},
	keys.Unsupported: {"InvalidKeyUsageException"},
	keys.Throttled: {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
		"RequestLimitExceeded", "TooManyRequestsException", "LimitExceededException", "SlowDown"},
	keys.Expired: {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "UnrecognizedClientException", "InvalidClientTokenId",
		"InvalidAccessKeyId", "InvalidIdentityToken", "IDPRejectedClaim", "IncompleteSignature", "IncompleteSignatureException",
		"InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "MissingAuthenticationToken",
		"MissingAuthenticationTokenException", "UnauthorizedException", "InvalidGrantException"},
	keys.Unreachable: {"KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException", "InternalFailure", "InternalError",
		"ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException", "IDPCommunicationError"},
}

// kindOf is the kind that an error code tells, if it is known.
func kindOf(code string) (keys.Kind, bool) {
	for kind, list := range kinds {
		if slices.Contains(list, code) {
			return kind, true
		}
	}
	return keys.Other, false
}

// explain makes one short line out of an error of the SDK, whose own text goes
// over many and may quote what a service or a program said.
func (q question) explain(err error, s *service) error {
	var ours *keys.Error
	var host *hostError
	var api smithy.APIError
	switch {
	case errors.As(err, &ours):
		e := *ours
		e.Recipient = q.recipient.Display()
		return &e
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &host):
		return fault(q.recipient, keys.Consent, keys.OneLine(host.Error(), maxForeign))
	case coded(err) && errors.As(err, &api):
		return q.explainCode(api, statusOf(err), s)
	}
	return fault(q.recipient, keys.Unreachable, q.network(err, s.region))
}

// statusOf is the HTTP status of the answer that err is about; 0 without one.
func statusOf(err error) int {
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

func (q question) explainCode(api smithy.APIError, status int, s *service) *keys.Error {
	code, text := api.ErrorCode(), keys.OneLine(api.ErrorMessage(), maxForeign)
	kind, known := kindOf(code)
	e := fault(q.recipient, kind, "")
	switch {
	case !known && status >= 500:
		e.Kind, e.Message = keys.Unreachable, q.askedIn(s.region)+" has an internal fault ("+keys.OneLine(code, 60)+")"
	case !known && q.action == "kms:Encrypt": // the text may quote what was to be encrypted
		e.Message = q.askedIn(s.region) + " answered " + keys.OneLine(code, 60)
	case !known:
		e.Message = q.askedIn(s.region) + " answered " + keys.OneLine(code, 60) + ": " + text
	case kind == keys.Denied:
		q.denied(e, api.ErrorMessage(), s.region)
	case kind == keys.Expired:
		e.Message, e.Hint = expired(code), s.renew()
	case kind == keys.Disabled:
		q.disabled(e, text)
	case kind == keys.NotFound:
		e.Message = "not in " + s.region
		e.Hint = "find it with: aws kms list-aliases --region " + s.region
	case kind == keys.Tampered:
		e.Message = "AWS KMS does not open the wrapped key for this repository, ring and key id"
	case kind == keys.Unsupported:
		e.Message = unsuitable(text).Message
	case kind == keys.Throttled:
		e.Message = "too many requests to " + q.askedIn(s.region)
	case kind == keys.Unreachable:
		e.Message = q.askedIn(s.region) + " has an internal fault (" + code + ")"
	}
	return e
}

// ofSTS tells whether the question goes to STS, as KMS is not reached without it.
func (q question) ofSTS() bool { return strings.HasPrefix(q.action, "sts:") }

// askedIn is the service that the question goes to.
func (q question) askedIn(region string) string {
	if q.ofSTS() {
		return "AWS STS in " + region
	}
	return "AWS KMS in " + region
}

// network tells what is wrong between here and AWS.
func (q question) network(err error, region string) string {
	var malformed *smithy.DeserializationError
	var timeout net.Error
	var dns *net.DNSError
	var noTLS tls.RecordHeaderError
	status := statusOf(err)
	switch problem := certificateProblem(err); {
	case problem != "":
		return problem
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errTooLong):
		return "the answer of " + q.askedIn(region) + " is cut off"
	case status >= 500:
		return fmt.Sprintf("%s has an internal fault (%d)", q.askedIn(region), status)
	case errors.Is(err, errForeign), errors.As(err, &malformed), errors.As(err, &noTLS), status != 0:
		return "something else answered in place of " + q.askedIn(region) + ": a captive portal or proxy?"
	case errors.As(err, &dns):
		return "no address for " + keys.OneLine(dns.Name, maxForeign)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time from " + q.askedIn(region)
	case errors.Is(err, io.EOF):
		return q.askedIn(region) + " closed the connection"
	}
	return cause(err)
}

// cause is the text of the innermost error that names a file or an address, or
// of the innermost: what the SDK puts around it only repeats what was called.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		switch err.(type) {
		case *fs.PathError, *net.OpError:
			inner = nil
		}
		if inner == nil {
			return keys.OneLine(err.Error(), maxForeign)
		}
		err = inner
	}
}

// certificateProblem tells what is wrong with the server's certificate, or "".
func certificateProblem(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var other *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		return "the certificate is signed by an unknown authority: a proxy that inspects TLS? (AWS_CA_BUNDLE)"
	case errors.As(err, &host):
		return "the certificate is for another host: a captive portal or proxy?"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired or is not valid yet: is the clock right?"
	case errors.As(err, &invalid), errors.As(err, &other):
		return "the certificate is not valid"
	}
	return ""
}

// refusal is how every service of AWS says who may not do what.
var refusal = lazily(`^User: (\S{1,400}) is not authorized to perform: ((?:kms|sts):[A-Za-z]{1,40})\b`)

// denied names who was refused what, as far as the service told.
func (q question) denied(e *keys.Error, text, region string) {
	action, who := q.action, "the principal in use"
	if m := refusal().FindStringSubmatch(text); m != nil {
		action = m[2]
		e.Message = action + " is not allowed"
		if strings.Contains(text, "explicit deny") {
			e.Message = action + " is explicitly denied"
		}
		if principalARN().MatchString(m[1]) {
			e.Principal, who = m[1], m[1]
		}
	} else if q.ofSTS() {
		e.Message = action + " is not allowed"
	} else {
		e.Message = "the key is not in " + region + ", or does not allow " + action
	}
	on := q.target.in(region).String()
	if !q.target.key() { // grants name keys, not what points at them
		on = "the key behind " + on
	}
	switch {
	case q.ofSTS() && q.role != "":
		on = q.role
	case q.ofSTS():
		on = "the profile's role"
	case q.target == (arn{}):
		on = "it"
	}
	e.Hint = "allow " + action + " on " + on + " for " + who + " (docs/keys.md)"
}

// disabled tells which state the key is in. KMS names it in words, by its ARN.
func (q question) disabled(e *keys.Error, text string) {
	key, _, _ := strings.Cut(text, " ")
	if a, err := parseARN(key); err != nil || !a.key() || !q.about(a) {
		key = "KEY-ID"
	}
	enable := "aws kms enable-key --key-id " + key
	switch {
	case strings.Contains(text, "pending deletion"), strings.Contains(text, "PendingDeletion"):
		e.Message, e.Hint = "pending deletion", "aws kms cancel-key-deletion --key-id "+key+", then "+enable
	case strings.Contains(text, "pending import"), strings.Contains(text, "PendingImport"):
		e.Message = "its key material is not imported"
	case strings.Contains(text, "unavailable"), strings.Contains(text, "Unavailable"):
		e.Kind, e.Message = keys.Unreachable, "its custom key store is not connected"
	case strings.Contains(text, "disabled"):
		e.Hint = enable
	default:
		e.Message = text
	}
}

// about tells whether a key that an answer names can be the one in question.
func (q question) about(key arn) bool {
	return key.partition == q.target.partition && key.account == q.target.account && (!q.target.key() || key.resource == q.target.resource)
}
