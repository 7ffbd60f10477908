package rules

import (
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

// FuzzPlaces: what finds secrets by their place answers with spans of the text,
// wherever it is asked.
func FuzzPlaces(f *testing.F) {
	for _, s := range []string{"httpbasicauth('a', 'b", "jwt.sign({a: [1, \"x\\\"\"]}, '", "buildconfigfield \"\", \"\", \"\\\"x", "convertto-securestring \"", "signedstring([]byte(",
		"echo | -stdin", "echo \"a:b\" | chpasswd", "printf '%s' x | -stdin", "chpasswd:\n  - :\n a:b\n", "chpasswd\n\n", "\"jwt\": {\"key\": \"", "\"jwt:key\":", "curlopt_userpwd, \":\""} {
		f.Add([]byte(s))
	}
	places := []func([]byte, int) []scan.Span{detectCall(assign.Sure), detectCall(assign.Weak), detectPiped, detectChpasswd, detectJWTSection, detectLiteral}
	f.Fuzz(func(t *testing.T, text []byte) {
		for i, detect := range places {
			for at := range text {
				for _, s := range detect(text, at) {
					if s.Start < 0 || s.End <= s.Start || s.End > len(text) {
						t.Fatalf("place %d at %d: %+v", i, at, s)
					}
				}
			}
		}
	})
}
