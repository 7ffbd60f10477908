package rules_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"math/big"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

const (
	digits    = "0123456789"
	lower     = "abcdefghijklmnopqrstuvwxyz"
	upper     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alnumeric = digits + upper + lower
	word64    = alnumeric + "-_"
	hexadec   = "0123456789abcdef"
)

func from(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func raw(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func oneOf(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

type maker = func(*rand.Rand) string

// of makes a prefix and n characters.
func of(prefix, alphabet string, n int) maker {
	return func(r *rand.Rand) string { return prefix + from(r, alphabet, n) }
}

// strong is a password of a manager: every sort of character of the alphabet.
func strong(symbols string, least, most int) maker {
	return func(r *rand.Rand) string {
		n := least + r.IntN(most-least+1)
		s := from(r, lower, 1) + from(r, upper, 1) + from(r, digits, 2)
		if symbols != "" {
			s += from(r, symbols, 2)
		}
		b := []byte(s + from(r, alnumeric, n-len(s)))
		r.Shuffle(len(b)-2, func(i, j int) { b[i+1], b[j+1] = b[j+1], b[i+1] })
		return string(b)
	}
}

// human is a password as people think them up.
func human(r *rand.Rand) string {
	words := []string{"falcon", "marble", "sunset", "tiger", "winter", "copper", "harbor", "rocket", "pepper", "violet", "walnut", "thunder"}
	a, b := oneOf(r, words...), oneOf(r, words...)
	title := strings.ToUpper(a[:1]) + a[1:]
	switch r.IntN(5) {
	case 0:
		return title + from(r, "2", 1) + "0" + from(r, digits, 2) + oneOf(r, "!", "!!", "#")
	case 1:
		return a + "-" + b + "-" + from(r, digits[1:], 2)
	case 2:
		return title + "#" + from(r, digits, 4)
	case 3:
		return strings.NewReplacer("a", "4", "e", "3", "o", "0", "i", "1").Replace(a) + "_" + strings.ToUpper(b[:1]) + b[1:]
	}
	return a + strings.ToUpper(b[:1]) + b[1:] + from(r, digits, 3)
}

func checksummed(prefix string) maker {
	return func(r *rand.Rand) string {
		body := from(r, alnumeric, 30)
		sum := crc32.ChecksumIEEE([]byte(body))
		tail := ""
		for range 6 {
			tail = string(alnumeric[sum%62]) + tail
			sum /= 62
		}
		return prefix + body + tail
	}
}

func base64Bytes(n int) maker {
	return func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString(raw(r, n)) }
}

func uuid(r *rand.Rand) string {
	h := hex.EncodeToString(raw(r, 16))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

// encoded is a value in base64, as in the data of a Kubernetes Secret.
func inBase64(m maker) maker {
	return func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString([]byte(m(r))) }
}

// nugetKey is in base32 without its first bits' freedom: oy2 and then a to p.
func nugetKey(r *rand.Rand) string {
	return "oy2" + from(r, lower[:16], 1) + from(r, lower+"234567", 42)
}

func jwt(r *rand.Rand) string {
	e := base64.RawURLEncoding.EncodeToString
	s := e([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		e(fmt.Appendf(nil, `{"sub":"%s","name":"ops","iat":%d}`, from(r, digits, 10), 1600000000+r.IntN(1e8)))
	mac := hmac.New(sha256.New, raw(r, 16))
	mac.Write([]byte(s))
	return s + "." + e(mac.Sum(nil))
}

func pypi(r *rand.Rand) string {
	var b bytes.Buffer
	field := func(tag byte, s string) { b.Write([]byte{tag, byte(len(s))}); b.WriteString(s) }
	b.WriteByte(2)
	field(1, "pypi.org")
	field(2, uuid(r))
	b.WriteByte(0)
	field(2, `{"version":1,"permissions":"user"}`)
	b.Write([]byte{0, 0})
	field(6, string(raw(r, 32)))
	return "pypi-" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// keys are made once: they are slow, and each is as good as another.
var keys = sync.OnceValue(func() map[string]string {
	must := func(b []byte, err error) []byte {
		if err != nil {
			panic(err)
		}
		return b
	}
	text := func(label string, der []byte) string {
		return strings.TrimSuffix(string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})), "\n")
	}
	rsaKey, err := rsa.GenerateKey(crand.Reader, 2048)
	must(nil, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	must(nil, err)
	edPublic, edKey, err := ed25519.GenerateKey(crand.Reader)
	must(nil, err)
	openssh, err := ssh.MarshalPrivateKey(edKey, "deploy@build")
	must(nil, err)
	sealed, err := ssh.MarshalPrivateKeyWithPassphrase(edKey, "deploy@build", []byte("made up"))
	must(nil, err)
	cert := must(x509.CreateCertificate(crand.Reader, &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "ca.example.org"}},
		&x509.Certificate{SerialNumber: big.NewInt(7)}, ecKey.Public(), ecKey))
	sshPublic, err := ssh.NewPublicKey(edPublic)
	must(nil, err)
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(rsaKey))
	type algorithm struct {
		ID         asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	encrypted := must(asn1.Marshal(struct {
		Algorithm algorithm
		Data      []byte
	}{algorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, asn1.RawValue{Tag: 16, IsCompound: true}}, pkcs8}))
	dsa := must(asn1.Marshal([]*big.Int{new(big.Int), rsaKey.N, rsaKey.Primes[0], rsaKey.Primes[1], rsaKey.D, big.NewInt(1<<60 + 33)}))
	return map[string]string{
		"pem-rsa": text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), "pem-pkcs8": text("PRIVATE KEY", pkcs8),
		"pem-ec":        text("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ecKey))),
		"pem-ed25519":   text("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(edKey))),
		"pem-dsa":       text("DSA PRIVATE KEY", dsa),
		"pem-encrypted": text("ENCRYPTED PRIVATE KEY", encrypted),
		"pem-openssh":   strings.TrimSpace(string(pem.EncodeToMemory(openssh))),
		"pem-sshsealed": strings.TrimSpace(string(pem.EncodeToMemory(sealed))),
		"pem-escaped":   strings.ReplaceAll(text("PRIVATE KEY", pkcs8), "\n", `\n`) + `\n`,
		"pem-indented":  strings.ReplaceAll(text("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ecKey))), "\n", "\n    "),
		"b64-pem":       base64.StdEncoding.EncodeToString([]byte(text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)))),
		"pem-public":    text("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(rsaKey.Public()))),
		"pem-cert":      text("CERTIFICATE", cert), "b64-cert": base64.StdEncoding.EncodeToString([]byte(text("CERTIFICATE", cert))),
		"ssh-public": strings.TrimSpace(string(ssh.MarshalAuthorizedKey(sshPublic))),
	}
})

func lines(s string, width int) string {
	var out []string
	for len(s) > width {
		out, s = append(out, s[:width]), s[width:]
	}
	return strings.Join(append(out, s), "\n")
}

var heldOutMakers = map[string]maker{
	// Passwords and keys without a shape of their own.
	"pw": strong("", 14, 22), "pwx": strong("!@#%^*_-+=", 12, 20), "urlpw": strong("-_.", 12, 20), "human": human,
	"hex32": of("", hexadec, 32), "hex40": of("", hexadec, 40), "hex64": of("", hexadec, 64), "hex128": of("", hexadec, 128),
	"key32": of("", alnumeric, 32), "key40": of("", alnumeric, 40), "key64": of("", alnumeric, 64), "key24": of("", alnumeric, 24),
	"hex16": of("", hexadec, 16), "key16": of("", alnumeric, 16), "key86": of("", alnumeric+"./", 86), "key8": of("", alnumeric, 8),
	"b64-16": base64Bytes(16), "b64-blob": base64Bytes(342), "hex20": of("", hexadec, 20), "digits12": of("", digits[1:], 12), "digits21": of("", digits[1:], 21), "b64url43": of("", word64, 43),
	"b64-32": base64Bytes(32), "b64-64": base64Bytes(64), "b64-48": base64Bytes(48), "uuid": uuid,
	"salt": of("", alnumeric+"!@#%^&*()-_[]{}<>~`+=,.;:/?|", 64), "django": of("", lower+digits+"!@#%^&*(-_=+)", 50),
	"pct": func(r *rand.Rand) string { return url.QueryEscape(strong("@/#:", 14, 18)(r)) },
	// Encoded ones.
	"b64-pw":     inBase64(strong("", 14, 22)),
	"b64-pwx":    inBase64(strong("!@#%^*_-+=", 14, 22)),
	"b64-url":    inBase64(func(r *rand.Rand) string { return "postgres://app:" + strong("", 16, 20)(r) + "@db.internal:5432/app" }),
	"basic":      inBase64(func(r *rand.Rand) string { return "deploy:" + strong("", 14, 22)(r) }),
	"b64-harm":   inBase64(func(r *rand.Rand) string { return oneOf(r, "production", "eu-central-1", "https://api.internal/v2") }),
	"b64-github": inBase64(checksummed("ghp_")),
	// Tokens with a shape.
	"aws-id": of("AKIA", upper+"234567", 16), "aws-temp-id": of("ASIA", upper+"234567", 16), "aws-secret": of("", alnumeric+"/+", 40),
	"aws-session": func(r *rand.Rand) string { return "IQoJb3JpZ2luX2Vj" + base64Bytes(240)(r) },
	"github":      checksummed("ghp_"), "github-oauth": checksummed("gho_"), "github-app": checksummed("ghs_"),
	"github-fine": func(r *rand.Rand) string {
		return "github_pat_" + from(r, alnumeric, 22) + "_" + from(r, alnumeric, 59)
	},
	"gitlab": of("glpat-", word64, 20), "npm": checksummed("npm_"), "pypi": pypi,
	"slack-bot": func(r *rand.Rand) string {
		return "xoxb-" + from(r, digits[1:], 12) + "-" + from(r, digits[1:], 13) + "-" + from(r, alnumeric, 24)
	},
	"slack-hook": func(r *rand.Rand) string {
		return "https://hooks.slack.com/services/T" + from(r, upper+digits, 10) + "/B" + from(r, upper+digits, 10) + "/" + from(r, alnumeric, 24)
	},
	"discord-hook": func(r *rand.Rand) string {
		return "https://discord.com/api/webhooks/" + from(r, digits[1:], 18) + "/" + from(r, word64, 68)
	},
	"teams-hook": func(r *rand.Rand) string {
		return "https://contoso.webhook.office.com/webhookb2/" + uuid(r) + "@" + uuid(r) + "/IncomingWebhook/" + from(r, hexadec, 32) + "/" + uuid(r)
	},
	"discord-bot": func(r *rand.Rand) string {
		return base64.RawURLEncoding.EncodeToString([]byte("8"+from(r, digits, 17))) + "." + from(r, word64, 6) + "." + from(r, word64, 38)
	},
	"telegram": func(r *rand.Rand) string { return "7" + from(r, digits, 9) + ":AA" + from(r, word64, 33) },
	"stripe":   of("sk_live_", alnumeric, 24), "stripe-long": of("sk_live_51", alnumeric, 97), "stripe-restricted": of("rk_live_", alnumeric, 24),
	"stripe-hook": of("whsec_", alnumeric, 32), "stripe-public": of("pk_live_", alnumeric, 24),
	"twilio-sid": of("AC", hexadec, 32), "twilio-key": of("SK", hexadec, 32),
	"sendgrid": func(r *rand.Rand) string { return "SG." + from(r, word64, 22) + "." + from(r, word64, 43) },
	"openai":   func(r *rand.Rand) string { return "sk-" + from(r, alnumeric, 20) + "T3BlbkFJ" + from(r, alnumeric, 20) },
	"openai-project": func(r *rand.Rand) string {
		return "sk-proj-" + from(r, word64, 74) + "T3BlbkFJ" + from(r, word64, 74)
	},
	"anthropic": func(r *rand.Rand) string { return "sk-ant-api03-" + from(r, word64, 93) + "AA" },
	"hf":        of("hf_", lower+upper, 34), "google-api": of("AIza", word64, 35), "google-secret": of("GOCSPX-", word64, 28),
	"azure-client":  func(r *rand.Rand) string { return from(r, alnumeric, 3) + "8Q~" + from(r, word64, 34) },
	"azure-storage": base64Bytes(64),
	"azure-sas":     func(r *rand.Rand) string { return url.QueryEscape(base64Bytes(32)(r)) },
	"do":            of("dop_v1_", hexadec, 64), "databricks": of("dapi", hexadec, 32), "shopify": of("shpat_", hexadec, 32),
	"vault": func(r *rand.Rand) string { return "hvs.CAESI" + from(r, word64, 86) },
	"tfc":   func(r *rand.Rand) string { return from(r, alnumeric, 14) + ".atlasv1." + from(r, alnumeric, 67) },
	"postman": func(r *rand.Rand) string {
		return "PMAK-" + from(r, hexadec, 24) + "-" + from(r, hexadec, 34)
	},
	"docker-pat": of("dckr_pat_", word64, 27), "rubygems": of("rubygems_", hexadec, 48), "linear": of("lin_api_", alnumeric, 40),
	"notion": of("ntn_", alnumeric, 46), "newrelic": of("NRAK-", upper+digits, 27), "mailgun": of("key-", hexadec, 32),
	"sonar": of("squ_", hexadec, 40), "nuget": nugetKey, "crates": of("cio", alnumeric, 32),
	"sentry-dsn": func(r *rand.Rand) string {
		return "https://" + from(r, hexadec, 32) + "@o" + from(r, digits[1:], 6) + ".ingest.sentry.io/" + from(r, digits[1:], 7)
	},
	"jwt": jwt,
	// Key files.
	"pem-rsa": key("pem-rsa"), "pem-pkcs8": key("pem-pkcs8"), "pem-ec": key("pem-ec"), "pem-ed25519": key("pem-ed25519"), "pem-dsa": key("pem-dsa"),
	"pem-encrypted": key("pem-encrypted"), "pem-openssh": key("pem-openssh"), "pem-sshsealed": key("pem-sshsealed"), "pem-escaped": key("pem-escaped"),
	"pem-indented": key("pem-indented"), "b64-pem": key("b64-pem"), "pem-public": key("pem-public"), "pem-cert": key("pem-cert"),
	"b64-cert": key("b64-cert"), "ssh-public": key("ssh-public"),
	"pem-old": func(r *rand.Rand) string {
		return "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC," + strings.ToUpper(from(r, hexadec, 32)) + "\n\n" +
			lines(base64.StdEncoding.EncodeToString(raw(r, 1200)), 64) + "\n-----END RSA PRIVATE KEY-----"
	},
	"ppk-private": func(r *rand.Rand) string { return lines(base64.StdEncoding.EncodeToString(raw(r, 600)), 64) },
	"ovpn-static": func(r *rand.Rand) string { return lines(from(r, hexadec, 512), 32) },
	// What only looks like one.
	"base64-image": func(r *rand.Rand) string {
		return base64.StdEncoding.EncodeToString(append([]byte("\x89PNG\r\n\x1a\n"), raw(r, 900)...))
	},
	"sri": func(r *rand.Rand) string { return "sha512-" + base64Bytes(64)(r) }, "bcrypt": func(r *rand.Rand) string { return "$2b$12$" + from(r, alnumeric+"./", 53) },
}

func key(name string) maker { return func(*rand.Rand) string { return keys()[name] } }
