package envelope_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// The corpora of the measurements and of the larger tests. Each is a function
// of its size alone, on every machine: math/rand/v2 promises that for ChaCha8
// with a fixed seed.

func source(seed string) *rand.Rand {
	var s [32]byte
	copy(s[:], seed)
	return rand.New(rand.NewChaCha8(s))
}

func noise(seed string, n int) []byte {
	var s [32]byte
	copy(s[:], seed)
	p := make([]byte, n)
	_, _ = rand.NewChaCha8(s).Read(p)
	return p
}

var words = strings.Fields(`account address admin alert api archive audit backup balance batch billing bucket cache
	certificate client cluster config connection consumer container credential customer database default deploy device
	domain encrypt endpoint environment event export filter gateway group handler health host image index ingress
	instance invoice job key label ledger limit listener load lock log mailbox main manager master memory message
	metric migration module monitor namespace network node notification object operator order owner package partition
	password payment peer pipeline policy pool port primary private process producer profile project protocol provider
	proxy public queue quota rate record redis region registry release replica report request reserve resource response
	retry role rollback route rule runner scheduler schema scope secret security server service session shard signal
	snapshot socket stack staging state storage stream subnet subscription system table tag target task tenant thread
	timeout token topic trace transaction trigger tunnel update upload upstream user vault vendor version volume
	warehouse watcher webhook worker workflow zone`)

func word(r *rand.Rand) string { return words[r.IntN(len(words))] }

func hexes(r *rand.Rand, n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[r.IntN(16)]
	}
	return string(b)
}

func phrase(r *rand.Rand, n int) string {
	w := make([]string, n)
	for i := range w {
		w[i] = word(r)
	}
	return strings.Join(w, " ")
}

// generate repeats piece until there are n bytes.
func generate(seed string, n int, piece func(*bytes.Buffer, *rand.Rand, int)) []byte {
	r := source(seed)
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		piece(&b, r, i)
	}
	return b.Bytes()[:n]
}

func logText(n int) []byte {
	return generate("log", n, func(b *bytes.Buffer, r *rand.Rand, i int) {
		fmt.Fprintf(b, "2026-%02d-%02dT%02d:%02d:%02d.%03dZ %s %s/%s[%d]: %s request=%s status=%d duration=%dms\n",
			1+i/80000%12, 1+i/2800%28, i/120%24, i/2%60, r.IntN(60), r.IntN(1000), [...]string{"INFO", "INFO", "INFO", "WARN", "ERROR"}[r.IntN(5)],
			word(r), word(r), 1000+r.IntN(9000), phrase(r, 3+r.IntN(6)), hexes(r, 16), [...]int{200, 200, 201, 404, 500}[r.IntN(5)], r.IntN(3000))
	})
}

func sqlText(n int) []byte {
	return generate("sql", n, func(b *bytes.Buffer, r *rand.Rand, i int) {
		fmt.Fprintf(b, "INSERT INTO `%s_%s` (`id`, `email`, `name`, `balance`, `created_at`, `note`) VALUES (%d, '%s.%s@example.com', '%s', %d.%02d, '2025-%02d-%02d %02d:%02d:%02d', '%s');\n",
			words[i/500%len(words)], words[i/700%len(words)], 100000+i, word(r), word(r), phrase(r, 2), r.IntN(100000), r.IntN(100), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), phrase(r, r.IntN(12)))
	})
}

func jsonState(n int) []byte {
	return generate("json", n, func(b *bytes.Buffer, r *rand.Rand, i int) {
		kind := "aws_" + words[i/5%len(words)]
		fmt.Fprintf(b, `    {
      "mode": "managed",
      "type": %q,
      "name": %q,
      "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
      "instances": [
        {
          "schema_version": %d,
          "attributes": {
            "arn": "arn:aws:%s:eu-west-1:%012d:%s/%s",
            "id": "i-%s",
            "description": %q,
            "password": %q,
            "tags": {
              "Name": %q,
              "Team": %q
            },
            "timeouts": null
          },
          "sensitive_attributes": [],
          "private": %q,
          "dependencies": [
            "aws_%s.%s"
          ]
        }
      ]
    },
`, kind, word(r)+"_"+word(r), r.IntN(3), word(r), r.Int64N(1e12), word(r), hexes(r, 8), hexes(r, 17), phrase(r, 5), hexes(r, 24), word(r)+"-"+word(r), word(r), hexes(r, 32), word(r), word(r))
	})
}

func yamlText(n int) []byte {
	return generate("yaml", n, func(b *bytes.Buffer, r *rand.Rand, i int) {
		fmt.Fprintf(b, `---
apiVersion: v1
kind: Secret
metadata:
  name: %s-%s
  namespace: %s
  labels:
    app.kubernetes.io/name: %s
    app.kubernetes.io/part-of: %s
type: Opaque
stringData:
  username: %s
  password: %s
  url: postgres://%s.%s.svc.cluster.local:5432/%s
  # %s
  token: %s
`, word(r), word(r), word(r), word(r), word(r), word(r), hexes(r, 20), word(r), word(r), word(r), phrase(r, 8), hexes(r, 40))
	})
}

// edit replaces size bytes of p in one place, in a copy.
func edit(p []byte, r *rand.Rand, size int) []byte {
	p = bytes.Clone(p)
	at := r.IntN(len(p) - size)
	copy(p[at:], phrase(r, size)[:size])
	return p
}
