package rules_test

// Texts that hold both, and texts that hold no secret at all.
const heldOutMixed = `=== log logs/app.log
2024-03-01T10:00:00Z INFO connecting to postgres://app:«urlpw»@db:5432/app
2024-03-01T10:00:01Z DEBUG GET /v1/me?access_token=«jwt» 200
2024-03-01T10:00:02Z DEBUG request headers: {"authorization": "Bearer «key40»", "accept": "*/*"}
2024-03-01T10:00:03Z INFO request_id=«!uuid» trace=«!hex32» user=42 token_count=512
2024-03-01T10:00:04Z WARN login failed for user admin: invalid password
2024-03-01T10:00:05Z INFO password=****** masked
2024-03-01T10:00:06Z INFO GET https://acme.blob.core.windows.net/c/a.png?sv=2022-11-02&st=2024-03-01&se=2024-04-01&sr=b&sp=r&sig=«azure-sas»
2024-03-01T10:00:07Z INFO commit «!hex40» digest sha256:«!hex64»
=== markdown docs/setup.md
# Set-up
Set your API key: export API_KEY=your_api_key_here
Then log in with the default password: admin / «human»
The staging token is «github-fine» (ask ops).

    curl -H "Authorization: Bearer <token>" https://api.example.com/v1/me
    curl -u username:password https://example.com
    curl -H "Authorization: Bearer YOUR_ACCESS_TOKEN" https://api.example.com
    psql postgres://user:pass@localhost/db
    DATABASE_URL=postgres://username:password@hostname:5432/dbname
    aws_access_key_id = AKIAIOSFODNN7EXAMPLE
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

| option | default | meaning |
|---|---|---|
| password | none | password of the user |
| token_ttl | 24h | how long a token lives |

The password must be between 8 and 64 characters. Tokens expire after 30 days.
=== html public/index.html
<script>window.CONFIG = {apiSecret: "«key40»", sentry: "«?sentry-dsn»"};</script>
<script src="app.js" integrity="«!sri»" crossorigin="anonymous"></script>
<meta name="csrf-token" content="«!b64-48»">
<label for="password">Password</label><input id="password" type="password" value="">
<img src="data:image/png;base64,«!base64-image»">
=== yaml-tests test/fixtures/vcr.yml
http_interactions:
- request:
    uri: https://api.stripe.com/v1/charges
    headers:
      Authorization:
      - Bearer «stripe»
      User-Agent:
      - Stripe/v1 RubyBindings
  response:
    body: '{"id": "ch_1abcdEFGHijkl", "object": "charge"}'
=== http-file requests.http
POST https://api.acme.io/login
Content-Type: application/json
X-Api-Key: «key40»

{"user": "ops", "password": "«pw»"}

###
GET https://api.acme.io/me
Authorization: Bearer {{token}}
=== csv export/users.csv
email,password,token
ops@acme.io,«!bcrypt»,
`

const heldOutClean = `=== clean-go internal/token/token.go
// Package token parses tokens. A password is never kept: see Password.
package token

type Token struct {
	Value    string // the secret itself
	Password string
	Key      []byte
}

const (
	PasswordGrant   = "password"
	ClientSecretKey = "client_secret"
	TokenTypeJWT    = "urn:ietf:params:oauth:token-type:jwt"
	KeyAlgorithm    = "aes-256-gcm"
	SecretPath      = "secret/data/app/config"
	commit          = "«!hex40»"
)

var password = flag.String("password", os.Getenv("APP_PASSWORD"), "the password")
var tokenRE = regexp.MustCompile("^[A-Za-z0-9_-]{40}$")
var errPassword = errors.New("password: wrong length")

func TestPasswordIsRejected(t *testing.T) {
	token := newToken("alice")
	secret := deriveKey(master, salt, 32)
	cases := []struct{ name, password string }{{"empty", ""}, {"short", "abc"}}
	password := strings.TrimSpace(input)
	key := fmt.Sprintf("%s/%s", bucket, name)
}
=== clean-lock package-lock.json
{"packages": {"node_modules/token-types": {"version": "4.2.1", "resolved": "https://registry.npmjs.org/token-types/-/token-types-4.2.1.tgz", "integrity": "«!sri»"},
"node_modules/password-prompt": {"version": "1.1.2", "resolved": "https://registry.npmjs.org/password-prompt/-/password-prompt-1.1.2.tgz", "integrity": "«!sri»"}}}
=== clean-gosum go.sum
github.com/golang-jwt/jwt/v5 v5.2.0 h1:«!b64-32»
github.com/golang-jwt/jwt/v5 v5.2.0/go.mod h1:«!b64-32»
=== clean-cargo-lock Cargo.lock
[[package]]
name = "secrecy"
version = "0.8.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "«!hex64»"
=== clean-css style/app.css
.password-field { background: url(data:image/png;base64,«!base64-image»); color: #a1b2c3; }
.token--keyword { font-family: "Fira Code"; }
=== clean-min-js dist/app.min.js
!function(e,t){var n=e.token,r={password:"Password",secret:t.secret||null,apiKey:n.apiKey};function o(e){return e.password===t.token?"a":"b"}e.exports=o;var i="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=",key="abcdefghijklmnop",u={keyCode:13,tokenType:"bearer",secretKey:void 0}}(module,{});
//# sourceMappingURL=app.min.js.map
=== clean-i18n locales/de.json
{"login": {"password": "Passwort", "forgot_password": "Passwort vergessen?", "password_too_short": "Das Passwort ist zu kurz (min. 8 Zeichen)", "token": "Zugriffstoken", "secret": "Geheimnis", "api_key": "API-Schlüssel", "new_password": "Neues-Passwort1"}}
=== clean-i18n-properties messages_fr.properties
login.password=Mot de passe
password.reset.success=Votre mot de passe a été modifié
token.invalid=Jeton invalide
secret.question=Question secrète
=== clean-i18n-yaml config/locales/en.yml
en:
  devise:
    passwords:
      no_token: "You can't access this page without coming from a password reset email."
      updated: "Your password has been changed."
    tokens: {expired: "Token expired", api_key: "API key"}
  activerecord:
    attributes:
      user: {password: Password, password_confirmation: "Password confirmation", auth_token: Authentication token}
=== clean-openapi openapi.yaml
openapi: 3.0.0
paths:
  /login:
    post:
      requestBody:
        content:
          application/json:
            schema:
              properties:
                password: {type: string, format: password, example: "s3cr3t-example"}
                token: {type: string}
components:
  securitySchemes:
    apiKey: {type: apiKey, in: header, name: X-API-Key}
    oauth:
      type: oauth2
      flows: {password: {tokenUrl: https://example.com/oauth/token, scopes: {}}}
=== clean-schema schema.graphql
type Mutation {
  login(email: String!, password: String!): Token!
  resetPassword(token: String!, newPassword: String!): Boolean
}
=== clean-proto api/auth.proto
message LoginRequest {
  string username = 1;
  string password = 2;
  string api_key = 3;
  bytes secret_key = 4;
}
enum TokenKind { TOKEN_KIND_UNSPECIFIED = 0; TOKEN_KIND_ACCESS = 1; }
=== clean-typescript src/types.d.ts
export interface Options { token?: string | null; apiKey: string; password: string; secret: Buffer; keyFile: string }
export declare const SECRET_TOKEN: unique symbol;
export type AuthToken = Brand<string, 'AuthToken'>;
export function sign(payload: object, secret: string, key?: CryptoKey): Promise<string>;
=== clean-python tests/test_login.py
class TestPassword(unittest.TestCase):
    password = factory.Faker("password")
    token = factory.LazyFunction(uuid.uuid4)

    def test_password_reset_token_is_invalid(self):
        response = self.client.post("/login", {"username": "u", "password": ""})
        self.assertContains(response, "Your password was incorrect")
        secret = self.make_secret(length=32)
        key = f"user:{self.user.id}:token"
        api_key = request.headers.get("X-Api-Key")
        assert token.kind == "identifier"
        self.assertEqual(cfg["password"], None)
        token = TOKEN_RE.match(line)
        digest = "«!hex64»"
        etag = "«!hex32»"
        request_id = "«!uuid»"
PASSWORD_VALIDATORS = "django.contrib.auth.password_validation"
secret_version_id = "projects/acme/secrets/db/versions/latest"
=== clean-java src/main/java/Tokens.java
public enum Tokens {
    IDENTIFIER("identifier"), STRING_LITERAL("string-literal");
    public static final String PROP_PASSWORD = "spring.datasource.password";
    static final String KEY_ALIAS = "signing-key-2023";
    static final String SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf";
    String password = null;
    char[] secret = new char[16];
    private static final long serialVersionUID = 4859382710293847561L;
    private String token = UUID.randomUUID().toString();
    String passwordLabel = bundle.getString("label.password");
}
=== clean-c src/lexer.c
static const struct { const char *name; int token; } keywords[] = { {"password", TOK_PASSWORD}, {"secret", TOK_SECRET} };
#define TOKEN_MAX 4096
#define KEY_ESCAPE 0x1b
const char *password_prompt = "Password: ";
token = next_token(lexer);
static const unsigned char test_hash[] = "«!hex40»";
=== clean-terraform modules/db/main.tf
resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = random_password.db.result
}
locals {
  db_password = data.aws_ssm_parameter.db_password.value
  token       = var.token != "" ? var.token : data.vault_generic_secret.t.data["token"]
  ssh_key     = file("~/.ssh/id_rsa.pub")
  kms_key     = "arn:aws:kms:us-east-1:123456789012:alias/main"
}
=== clean-k8s k8s/rbac.yaml
kind: ServiceAccount
metadata: {name: token-reviewer, uid: «!uuid», resourceVersion: "48593827"}
secrets:
- name: token-reviewer-token-x7k2p
---
kind: ExternalSecret
spec:
  secretStoreRef: {name: vault-backend, kind: ClusterSecretStore}
  data:
  - secretKey: password
    remoteRef: {key: prod/db, property: password}
---
kind: SealedSecret
spec:
  encryptedData:
    password: Ag«!b64-blob»
=== clean-sops secrets.enc.yaml
db_password: ENC[AES256_GCM,data:«!b64-32»,iv:«!b64-32»,tag:«!b64-16»,type:str]
sops:
    kms:
        - arn: arn:aws:kms:eu-central-1:123456789012:key/«!uuid»
          enc: «!b64-blob»
    lastmodified: "2024-03-01T10:00:00Z"
    mac: ENC[AES256_GCM,data:«!b64-64»,iv:«!b64-32»,tag:«!b64-16»,type:str]
=== clean-diff changes.patch
diff --git a/auth.py b/auth.py
index «!hex40»..«!hex40» 100644
--- a/auth.py
+++ b/auth.py
@@ -1,3 +1,3 @@
-    password = config.password
+    password = config["password"]
=== clean-changelog CHANGELOG.md
## 2.3.0
- token: accept tokens up to 4 KiB (#431, «!hex40»)
- password: "show password" toggle; secret-key rotation: docs
- API key: X-API-Key header is case-insensitive now
=== clean-jks-docs docs/tls.adoc
keytool -genkey -alias web -keystore web.jks -storepass changeit -keypass changeit
server.ssl.key-store-password=changeit
spring.datasource.password=<your-password>
keystore.password=${KEYSTORE_PASSWORD}
Set password: to the password you chose.
=== clean-ci .circleci/config.yml
jobs:
  build:
    environment:
      CC_TEST_REPORTER_ID: $REPORTER_ID
      TOKEN_FILE: /tmp/token
    steps:
      - restore_cache: {key: v1-deps-{{ checksum "package-lock.json" }}}
      - add_ssh_keys: {fingerprints: ["ab:cd:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab"]}
=== clean-test-vectors testdata/sha.txt
Msg = «!hex64»
MD = «!hex64»
KeyID = «!hex40»
=== clean-svg logo.svg
<svg><path id="token" d="M12.5 3.2c-1.4 0-2.6 1.1-2.6 2.6v4.4H7.3c-.7 0-1.3.6-1.3 1.3v8.9"/><image href="data:image/png;base64,«!base64-image»"/></svg>
=== clean-flags config/features.yml
features:
  password_reset_v2: enabled
  token_ttl: 900
  secret_santa: true
  api_key_rotation: 30d
  passwordless_login: rollout-25-percent
  token_bucket_size: 4096
  key_prefix: acme:prod:sessions
  primary_key: customer_account_number
=== clean-ruby spec/user_spec.rb
describe 'password reset' do
  it { is_expected.to validate_presence_of(:password) }
  let(:password) { Faker::Internet.password }
  expect(page).to have_field('Password', type: 'password')
  fill_in 'user_password', with: user.password
  token = SecureRandom.hex(20)
end
=== clean-certs ca/bundle.pem
«!pem-cert»
«!pem-public»
=== clean-asm-ids data/records.json
[{"id": "«!uuid»", "etag": "«!hex32»", "key": "users/42/avatar.png", "sha": "«!hex40»", "tokenId": 4711, "publicKey": "«!b64-32»", "cursor": "eyJpZCI6NDJ9", "key_id": "«!hex40»", "cache_key": "views/products/42-20240301"}]
=== clean-shell scripts/env.sh
PASSWORD=$(aws ssm get-parameter --name /prod/db/password --with-decryption --query Parameter.Value)
TOKEN="$(cat /var/run/secrets/token)"
API_KEY="${API_KEY:-}"
export SECRET_KEY="$1"
KEYFILE=/etc/ssl/private/server.key
PASS_COUNT=0
SECRET_NAME=prod-db-credentials
read -s PASSWORD
curl -H "Authorization: Bearer ${TOKEN}" "$URL"
`
