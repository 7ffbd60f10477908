package kmstest

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const jsonType = "application/x-amz-json-1.1"

// A failure is an error answer of a service.
type failure struct {
	status        int
	code, message string
}

func (f *failure) Error() string { return f.code }

func fail(code, format string, args ...any) *failure {
	return &failure{400, code, fmt.Sprintf(format, args...)}
}

// input is every action's, as far as we know them.
type input struct {
	KeyId                         string
	Plaintext, CiphertextBlob     []byte
	EncryptionContext             map[string]string
	EncryptionAlgorithm, KeySpec  string
	SourceKeyId, DestinationKeyId string
	SourceEncryptionContext       map[string]string
	DestinationEncryptionContext  map[string]string
}

// output leaves out what an action does not return.
type output struct {
	KeyId               string         `json:",omitempty"`
	SourceKeyId         string         `json:",omitempty"`
	Plaintext           *[]byte        `json:",omitempty"`
	CiphertextBlob      []byte         `json:",omitempty"`
	EncryptionAlgorithm string         `json:",omitempty"`
	KeyMetadata         map[string]any `json:",omitempty"`
}

// ServeHTTP implements http.Handler: it tells the services apart as they do.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	if action, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService."); ok {
		s.serveKMS(w, r, action, body)
		return
	}
	s.serveSTS(w, r, body)
}

func (s *Server) serveKMS(w http.ResponseWriter, r *http.Request, action string, body []byte) {
	var in input
	_ = json.Unmarshal(body, &in)
	who, region, denied := s.authenticate(r, body, "kms")
	about := Request{Service: "kms", Action: action, Region: region, Principal: who, Context: in.EncryptionContext}
	if action == "ReEncrypt" {
		in.KeyId, about.Context = in.SourceKeyId, in.SourceEncryptionContext
	}
	k, missing := s.find(in.KeyId, region)
	if k != nil {
		about.Key = k.arn
	}
	s.record(about)
	f, faulty := s.fault(about)
	if faulty && s.transport(w, r, f) {
		return
	}
	out, err := output{}, error(nil)
	switch {
	case denied != nil:
		err = denied
	case faulty && f.kind == answerError:
		err = &failure{f.status, f.code, f.message}
	case missing != nil:
		err = missing
	default:
		out, err = s.answer(about, in, *k)
	}
	if faulty {
		out.spoil(f.kind)
	}
	writeJSON(w, out, err, faulty && f.kind == truncate)
}

func (s *Server) record(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
}

// answer is what KMS does once it knows the key.
func (s *Server) answer(about Request, in input, k key) (output, error) {
	if err := s.permitted(about); err != nil {
		return output{}, err
	}
	if about.Action == "DescribeKey" {
		return output{KeyMetadata: metadata(k)}, nil
	}
	if err := usable(k); err != nil {
		return output{}, err
	}
	out := output{KeyId: k.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}
	switch about.Action {
	case "Encrypt":
		if len(in.Plaintext) < 1 || len(in.Plaintext) > 4096 {
			return output{}, fail("ValidationException", "1 validation error detected: Value at 'plaintext' failed to satisfy constraint")
		}
		out.CiphertextBlob = seal(k, in.Plaintext, in.EncryptionContext)
	case "GenerateDataKey":
		if in.KeySpec != "AES_256" {
			return output{}, fail("ValidationException", "Please specify either number of bytes or key spec.")
		}
		plain := randomBytes(32)
		out.EncryptionAlgorithm, out.Plaintext, out.CiphertextBlob = "", &plain, seal(k, plain, in.EncryptionContext)
	case "Decrypt":
		plain, err := open(k, in.CiphertextBlob, in.EncryptionContext)
		if err != nil {
			return output{}, err
		}
		out.Plaintext = &plain
	case "ReEncrypt":
		return s.reEncrypt(about, in, k)
	default:
		return output{}, fail("UnknownOperationException", "")
	}
	return out, nil
}

func (s *Server) reEncrypt(about Request, in input, from key) (output, error) {
	to, err := s.find(in.DestinationKeyId, about.Region)
	if err != nil {
		return output{}, err
	}
	if err := usable(*to); err != nil {
		return output{}, err
	}
	plain, err2 := open(from, in.CiphertextBlob, in.SourceEncryptionContext)
	if err2 != nil {
		return output{}, err2
	}
	return output{KeyId: to.arn, SourceKeyId: from.arn, CiphertextBlob: seal(*to, plain, in.DestinationEncryptionContext)}, nil
}

// find resolves what a request names: an ARN of its Region, an alias, an id.
func (s *Server) find(name, region string) (*key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	full := name
	switch {
	case strings.HasPrefix(name, "alias/"):
		full = arn(region, name)
	case !strings.HasPrefix(name, "arn:"):
		full = arn(region, "key/"+name)
	case strings.Count(name, ":") != 5 || strings.Split(name, ":")[3] != region:
		return nil, fail("NotFoundException", "Invalid arn %s", region)
	}
	if strings.Contains(full, ":alias/") {
		target, ok := s.aliases[full]
		if !ok {
			return nil, fail("NotFoundException", "Alias %s is not found.", full)
		}
		full = target
	}
	k, ok := s.keys[full]
	if !ok {
		return nil, fail("NotFoundException", "Key '%s' does not exist", full)
	}
	found := *k
	return &found, nil
}

// permitted applies the denials.
func (s *Server) permitted(about Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.denials {
		if !d.matches(about) {
			continue
		}
		because := "because no identity-based policy allows the kms:" + about.Action + " action"
		if d.Explicit {
			because = "with an explicit deny in a resource-based policy"
		}
		action := about.Action
		if action == "ReEncrypt" {
			action = "ReEncryptFrom"
		}
		return fail("AccessDeniedException", "User: %s is not authorized to perform: kms:%s on resource: %s %s", about.Principal, action, about.Key, because)
	}
	return nil
}

func (d Denial) matches(r Request) bool {
	for name, value := range d.Context {
		if r.Context[name] != value {
			return false
		}
	}
	return (d.Principal == "" || d.Principal == r.Principal) && (d.Action == "" || d.Action == r.Action) &&
		(d.Key == "" || d.Key == r.Key) && (d.Region == "" || d.Region == r.Region)
}

func usable(k key) error {
	switch {
	case k.state == Disabled:
		return fail("DisabledException", "%s is disabled.", k.arn)
	case k.state == PendingDeletion:
		return fail("KMSInvalidStateException", "%s is pending deletion.", k.arn)
	case k.state == PendingImport:
		return fail("KMSInvalidStateException", "%s is pending import.", k.arn)
	case k.state != Enabled:
		return fail("KMSInvalidStateException", "%s is unavailable.", k.arn)
	case k.usage != "ENCRYPT_DECRYPT":
		return fail("InvalidKeyUsageException", "%s key usage is %s which is not valid for this operation.", k.arn, k.usage)
	}
	return nil
}

func metadata(k key) map[string]any {
	return map[string]any{
		"Arn": k.arn, "KeyId": k.id, "AWSAccountId": Account, "Enabled": k.state == Enabled, "KeyState": string(k.state),
		"KeyUsage": k.usage, "KeySpec": k.spec, "CustomerMasterKeySpec": k.spec, "KeyManager": "CUSTOMER", "Origin": "AWS_KMS",
		"EncryptionAlgorithms": []string{"SYMMETRIC_DEFAULT"}, "MultiRegion": strings.HasPrefix(k.id, "mrk-"), "CreationDate": 1700000000.0,
	}
}

// A blob is a version, the length of a key id, the key id, a nonce, and what
// AES-GCM makes of the plaintext with the encryption context beside it.
const blobVersion = 1

func seal(k key, plain []byte, context map[string]string) []byte {
	aead := aeadOf(k)
	head := append([]byte{blobVersion, byte(len(k.id))}, k.id...)
	nonce := randomBytes(aead.NonceSize())
	return aead.Seal(append(head, nonce...), nonce, plain, associated(head, context))
}

func open(k key, blob []byte, context map[string]string) ([]byte, error) {
	invalid := &failure{400, "InvalidCiphertextException", ""}
	if len(blob) < 1 || len(blob) > 6144 {
		return nil, fail("ValidationException", "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length less than or equal to 6144")
	}
	aead := aeadOf(k)
	if len(blob) < 2 || blob[0] != blobVersion || len(blob) < 2+int(blob[1])+aead.NonceSize() {
		return nil, invalid
	}
	head, rest := blob[:2+int(blob[1])], blob[2+int(blob[1]):]
	if string(head[2:]) != k.id {
		return nil, fail("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
	}
	plain, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], associated(head, context))
	if err != nil {
		return nil, invalid
	}
	return plain, nil
}

func aeadOf(k key) cipher.AEAD {
	block, err := aes.NewCipher(k.material[:])
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func associated(head []byte, context map[string]string) []byte {
	b := slices.Clone(head)
	for _, name := range slices.Sorted(maps.Keys(context)) {
		b = fmt.Appendf(b, "%q=%q;", name, context[name])
	}
	return b
}

// spoil changes an answer as a service that is broken would.
func (o *output) spoil(kind faultKind) {
	if kind == wrongKeyID && o.KeyId != "" {
		o.KeyId = arn(strings.Split(o.KeyId, ":")[3], "key/00000000-0000-4000-8000-000000000000")
	}
	if o.Plaintext == nil {
		return
	}
	switch kind {
	case wrongKey:
		*o.Plaintext = randomBytes(len(*o.Plaintext))
	case zeroKey:
		clear(*o.Plaintext)
	case shortKey:
		*o.Plaintext = (*o.Plaintext)[:16]
	case emptyKey:
		*o.Plaintext = []byte{}
	}
}

func writeJSON(w http.ResponseWriter, out output, err error, cut bool) {
	status, body := 200, []byte(nil)
	if f, ok := err.(*failure); ok && f != nil {
		text := map[string]string{"__type": f.code}
		switch {
		case f.code == "AccessDeniedException": // the one that writes it so
			text["Message"] = f.message
		case f.message != "":
			text["message"] = f.message
		}
		status = f.status
		body, _ = json.Marshal(text)
	} else {
		body, _ = json.Marshal(out)
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("X-Amzn-Requestid", "c0ffee00-0000-4000-8000-000000000000")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if cut {
		body = body[:len(body)/2] // the server closes the connection, for it promised more
	}
	_, _ = w.Write(body)
}
