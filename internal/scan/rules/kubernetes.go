package rules

import (
	"bytes"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// maxManifest is how far to either side of its kind a manifest is read.
const maxManifest = 16 << 10

var kubernetes = append([]scan.Rule{
	{
		ID: "kubernetes-secret", Title: "value in a Kubernetes secret", Severity: scan.High, Source: "https://kubernetes.io/docs/concepts/configuration/secret/",
		Keywords: kindSecret, Whole: true, Inside: true, Generic: true, Detect: detectSecret,
		Match: []string{
			"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  username: YWRtaW4=\n  password: {}\n",
			"apiVersion: v1\ndata:\n  api-token: \"{}\"\nkind: Secret\nmetadata:\n  name: db\n",
			"{\"kind\": \"Secret\", \"metadata\": {\"name\": \"x\"}, \"data\": {\"a\": \"Zm9v\", \"password\": \"{}\"}}\n",
			"kind: List\nitems:\n- apiVersion: v1\n  data:\n    password: {}\n  kind: Secret\n",
		},
		Miss: []string{
			"kind: ConfigMap\ndata:\n  password: {}\n", "kind: Secret\ndata:\n  password: cGFzc3dvcmQ=\n", "kind: SecretStore\ndata:\n  password: {}\n",
			"kind: Secret\nstringData:\n  password: ${PASSWORD}\n", "kind: Secret\ndata:\n  password: {{ .Values.password | b64enc }}\n",
			"kind: ConfigMap\ndata:\n  password: {}\n---\nkind: Secret\n",
		},
	},
	{
		ID: "kubernetes-secret-string", Title: "plain value in a Kubernetes secret", Severity: scan.High, Source: "https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data",
		Keywords: []string{"stringdata:", "\"stringdata\""}, Whole: true, Inside: true, Generic: true, Detect: detectStringData,
		Match: []string{"kind: Secret\nstringData:\n  user: x\n  password: {}\n", "{\"stringData\": {\"password\": \"{}\"}}\n", "stringData:\n  token: '{}'\n"},
		Miss:  []string{"stringData:\n  password: ${PASS}\n", "stringData:\n  user: x\npassword: {}\n"},
	},
	{
		ID: "kubeconfig-credential", Title: "token or password in a kubeconfig", Severity: scan.Critical, Source: "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/",
		Keywords: []string{"kind: config\n", "kind: config\r", "\"kind\": \"config\"", "\"kind\":\"config\""}, Whole: true, Inside: true, Generic: true, Detect: detectKubeconfig,
		Match: []string{"apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: {}\n", "users:\n- name: a\n  user:\n    username: joe\n    password: {}\nkind: Config\n"},
		Miss:  []string{"kind: Config\nusers:\n- user:\n    token: ${TOKEN}\n", "kind: ConfigMap\n    token: {}\n"},
	},
}, settingRules([]setting{
	{id: "kubeconfig-client-key", title: "client key in a kubeconfig", severity: scan.Critical, source: "https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/", names: []string{"client-key-data"},
		judge: encodedKey, sample: []string{"    client-key-data: {}\n", "\"client-key-data\": \"{}\"\n"}},
})...)

var kindSecret = []string{"kind: secret", "kind: \"secret\"", "\"kind\": \"secret\"", "\"kind\":\"secret\""}

// manifest returns the bounds of the document around a keyword: up to a line of
// hyphens, or to where the keyword stands again.
func manifest(text []byte, at int, words []string) (start, end int) {
	border := func(i int) bool {
		switch lower(text[i]) {
		case '\n':
			return hasFold(text, i, "\n---")
		case 'k', '"':
			return longest(text, i, words) != ""
		}
		return false
	}
	start, end = max(0, at-maxManifest), min(len(text), at+maxManifest)
	for i := at - 1; i > start; i-- {
		if border(i) {
			start = i
		}
	}
	for i := at + len(longest(text, at, words)); i < end; i++ {
		if border(i) {
			end = i
		}
	}
	return start, end
}

// detectSecret reads the values below data.
func detectSecret(text []byte, at int) (out []scan.Span) {
	if word := longest(text, at, kindSecret); at+len(word) < len(text) && isWord(text[at+len(word)]) {
		return nil
	}
	start, end := manifest(text, at, kindSecret)
	for i := start; i < end; {
		n := bytes.Index(text[i:end], []byte("data"))
		if n < 0 {
			return out
		}
		i += n + len("data")
		if i-5 < start || !isWord(text[i-5]) && text[i-5] != '-' {
			out = append(out, members(text[:end], i, encodedSecret)...)
		}
	}
	return out
}

func detectStringData(text []byte, at int) []scan.Span {
	i := at + len("stringdata")
	if text[at] == '"' {
		i++
	}
	return members(text[:min(len(text), at+maxManifest)], i, func(name, v []byte) bool {
		return secretName(name) && len(v) >= 6 && mixed(v) && credible(v) || random(v) && credible(v)
	})
}

// encodedSecret judges a value in base64 under its name.
func encodedSecret(name, v []byte) bool {
	plain, ok := decoded(v)
	if !ok {
		return false
	}
	plain = bytes.TrimSpace(plain)
	if !printable(plain) || !credible(plain) {
		return false
	}
	return secretName(name) && (mixed(plain) || len(plain) >= 12) || random(plain)
}

// members reads the names and values below a name that ends at i, in YAML by
// indentation and in JSON up to the brace, and returns the values that are secret.
func members(text []byte, i int, secret func(name, v []byte) bool) (out []scan.Span) {
	first, _ := lineAround(text, i-1)
	indent := indentation(text[first:])
	i = skip(text, i, func(c byte) bool { return c == '"' || isBlank(c) })
	if i >= len(text) || text[i] != ':' {
		return nil
	}
	i = skip(text, i+1, func(c byte) bool { return isBlank(c) || c == '\r' })
	json := i < len(text) && text[i] == '{'
	if !json && (i >= len(text) || text[i] != '\n') {
		return nil
	}
	i++
	for n := 0; n < 256 && i < len(text); n++ {
		if !json && (indentation(text[i:]) <= indent || text[i] == '\n') {
			break
		}
		i = skip(text, i, func(c byte) bool { return isSpace(c) || c == '"' || c == '\'' || c == ',' })
		start := i
		for i < len(text) && i-start < 256 && (isWord(text[i]) || text[i] == '-' || text[i] == '.') {
			i++
		}
		name := text[start:i]
		v, ok := assigned(text, i)
		if ok && v.end > v.start && (v.quoted || !code(v.of(text))) && secret(name, v.of(text)) {
			out = append(out, scan.Span{Start: v.start, End: v.end, Validity: scan.Unverified})
		}
		if json {
			if !ok || v.end+1 >= len(text) || bytes.IndexByte(text[v.end:min(len(text), v.end+maxGap)], ',') < 0 || nearer(text[v.end:], '}', ',') {
				break
			}
			i = v.end + 1
			continue
		}
		next := bytes.IndexByte(text[i:], '\n')
		if next < 0 {
			break
		}
		i += next + 1
	}
	return out
}

// nearer says whether a stands before b.
func nearer(text []byte, a, b byte) bool {
	for _, c := range text[:min(len(text), maxGap)] {
		if c == a || c == b {
			return c == a
		}
	}
	return false
}

// indentation counts the blanks, and the hyphen of a list, that text begins with.
func indentation(text []byte) int {
	n := 0
	for n < len(text) && n < maxGap && (text[n] == ' ' || text[n] == '-' || text[n] == '\t') {
		n++
	}
	return n
}

// detectKubeconfig reads the tokens and passwords of a kubeconfig.
func detectKubeconfig(text []byte, at int) (out []scan.Span) {
	start, end := manifest(text, at, []string{"kind: config", "\"kind\": \"config\"", "\"kind\":\"config\""})
	for _, name := range []string{"token:", "password:", "\"token\":", "\"password\":", "id-token:", "refresh-token:"} {
		for i := start; i < end; {
			n := bytes.Index(text[i:end], []byte(name))
			if n < 0 {
				break
			}
			i += n + len(name)
			if v, ok := assigned(text[:end], i-1); ok && credible(v.of(text)) && (random(v.of(text)) || strings.Contains(name, "password") && mixed(v.of(text))) {
				if !slices.ContainsFunc(out, func(s scan.Span) bool { return s.Start == v.start }) {
					out = append(out, scan.Span{Start: v.start, End: v.end})
				}
			}
		}
	}
	return out
}

// encodedKey takes a private key in PEM, in base64 once more.
func encodedKey(v []byte) (scan.Validity, string) {
	plain, ok := decoded(v)
	if !ok || !bytes.Contains(plain, []byte("PRIVATE KEY-----")) {
		return scan.Invalid, ""
	}
	return scan.Plausible, "private key in base64"
}
