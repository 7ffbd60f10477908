package awskms

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Bounds of the SDK's own patience, which is minutes. The caller's context may
// end earlier.
const (
	dialTimeout   = 3 * time.Second
	headerTimeout = 8 * time.Second
	maxAttempts   = 3
	maxBackoff    = 500 * time.Millisecond
	imdsTimeout   = time.Second
)

// sessionName is what CloudTrail shows behind an assumed role. It says nothing
// of the machine or its user, whom the base credentials identify anyway.
const sessionName = "git-envelope"

// A place is where to call, and as which role.
type place struct{ region, role string }

// A service is KMS and STS at one place.
type service struct {
	place
	kms     *kms.Client
	sts     *sts.Client
	base    aws.CredentialsProvider // the user's own
	assumed aws.CredentialsProvider // of the place's role; nil without one
	profile string
}

// service returns the clients for a place, made at its first use. The user's
// configuration is read once; reading it again can help only if it failed.
func (p *Provider) service(ctx context.Context, r keys.Recipient, at place) (*service, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.services[at]; s != nil {
		return s, nil
	}
	if p.config == nil {
		cfg, err := p.load(ctx, at.region)
		if err != nil {
			return nil, noConfig(r, err, p.opt.Profile)
		}
		p.config = &cfg
	}
	part, err := partitionOf(at.region)
	if err != nil {
		return nil, fault(r, keys.Unsupported, err.Error())
	}
	s := newService(*p.config, at, part)
	s.profile = p.opt.Profile
	p.services[at] = s
	return s, nil
}

func newService(cfg aws.Config, at place, part partition) *service {
	cfg = cfg.Copy()
	cfg.Region = at.region
	s := &service{place: at, base: cfg.Credentials}
	guarded := func(own *string, media string) *guard {
		return &guard{client: plainClient(cfg.HTTPClient), suffixes: part.suffixes, own: parseOwn(own), media: media}
	}
	withSTS := func(o *sts.Options) { o.HTTPClient = guarded(o.BaseEndpoint, "xml") }
	if at.role != "" {
		assume := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg, withSTS), at.role,
			func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = sessionName })
		s.assumed = aws.NewCredentialsCache(assume)
		cfg.Credentials = s.assumed
	}
	s.sts = sts.NewFromConfig(cfg, withSTS)
	s.kms = kms.NewFromConfig(cfg, func(o *kms.Options) { o.HTTPClient = guarded(o.BaseEndpoint, "json") })
	return s
}

func parseOwn(endpoint *string) *url.URL {
	if endpoint == nil {
		return nil
	}
	u, err := url.Parse(*endpoint)
	if err != nil {
		return &url.URL{} // allows nothing
	}
	return u
}

// plainClient is the SDK's HTTP client with the user's certificates and proxy,
// without its habit of following redirects.
func plainClient(c aws.HTTPClient) *http.Client {
	out := &http.Client{CheckRedirect: stay}
	if b, ok := c.(*awshttp.BuildableClient); ok {
		out.Transport = b.GetTransport()
	}
	return out
}

// load reads the user's configuration as every AWS tool does. region serves
// where it names none: assuming a profile's role needs one.
func (p *Provider) load(ctx context.Context, region string) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}),
		config.WithClientLogMode(0),
		config.WithRetryer(p.newRetryer),
		config.WithHTTPClient(p.httpClient()),
		config.WithDefaultRegion(region),
		// CloudTrail shows it as part of userAgent.
		config.WithAPIOptions([]func(*middleware.Stack) error{awsmiddleware.AddUserAgentKey("git-envelope")}),
	}
	if p.opt.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(p.opt.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, err
	}
	if onlyIMDS(cfg.Credentials) {
		cfg.Credentials = quickIMDS(cfg)
	}
	return cfg, nil
}

func (p *Provider) httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout = dialTimeout
			t.ResponseHeaderTimeout = headerTimeout
			if p.dial != nil {
				t.DialContext = p.dial
			}
		})
}

// newRetryer keeps no account of failures across calls: what one recipient
// used up must not be missing to the next.
func (p *Provider) newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = p.backoff
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(notCertificates)}, o.Retryables...)
	})
}

// notCertificates: a certificate that is wrong stays wrong.
func notCertificates(err error) aws.Ternary {
	if certificateProblem(err) != "" {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// onlyIMDS tells whether the chain found nothing and ends at the instance
// metadata service, which exists on EC2 alone.
func onlyIMDS(c aws.CredentialsProvider) bool {
	return aws.IsCredentialsProvider(c, (*ec2rolecreds.Provider)(nil))
}

// quickIMDS connects to the metadata service once: by default the SDK goes on for
// ten seconds where there is none, on every laptop and in every keyless clone.
// One that answers, with a fault, is asked again.
func quickIMDS(cfg aws.Config) aws.CredentialsProvider {
	client := imds.NewFromConfig(cfg, func(o *imds.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 2, maxBackoff, ratelimit.None
			o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
				return aws.BoolTernary(passing(statusOf(err)))
			})}
		})
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(imdsTimeout)
	})
	return aws.NewCredentialsCache(ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client }))
}
