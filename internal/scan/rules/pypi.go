package rules

import (
	"encoding/base64"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const pyPITokens = "https://docs.pypi.org/project-management/secrets/"

var pyPI = []scan.Rule{{
	ID: "pypi-api-token", Title: "PyPI API token", Severity: scan.Critical, Source: pyPITokens,
	Keywords: []string{"pypi-ageichlwas5vcmc", "pypi-agendgvzdc5wexbplm9yz"},
	Pattern:  `pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZ)[0-9A-Za-z_-]{50,600}`, Reach: 1024, Check: pyPIMacaroon,
}}

// pyPIMacaroon reads a token as what it is, a macaroon of version 2: fields of
// type, length and content, in sections that a zero ends; a signature comes last.
func pyPIMacaroon(token []byte) (scan.Validity, string) {
	raw, err := base64.RawURLEncoding.DecodeString(string(token[len("pypi-"):]))
	if err != nil || len(raw) < 4 || raw[0] != 2 {
		return scan.Unverified, ""
	}
	var site string
	for rest := raw[1:]; len(rest) > 1; {
		kind, n := rest[0], int(rest[1])
		if kind == 0 {
			rest = rest[1:]
			continue
		}
		if n >= 0x80 && len(rest) > 2 { // two bytes of length
			n = n&0x7f | int(rest[2])<<7
			rest = rest[1:]
		}
		if len(rest) < 2+n {
			break
		}
		if kind == 1 {
			site = string(rest[2 : 2+n])
		}
		if kind == 6 && n == 32 && len(rest) == 34 {
			return scan.Plausible, "for " + site
		}
		rest = rest[2+n:]
	}
	return scan.Unverified, ""
}
