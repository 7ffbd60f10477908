package rules_test

// A second set, written after the rules had been improved by the first, and not
// used to improve them.
const heldOutSecond = `=== nestjs src/app.module.ts
@Module({ imports: [
  TypeOrmModule.forRoot({ type: 'postgres', host: 'db', username: 'app', password: '«human»', entities: [] }),
  JwtModule.register({ secret: '«key32»', signOptions: { expiresIn: '60s' } }),
  MailerModule.forRoot({ transport: 'smtps://mailer:«urlpw»@smtp.acme.io' }),
  ConfigModule.forRoot({ envFilePath: '.env', secretKeys: [] }),
] })
export class AppModule {}
export const PASSWORD_RESET_TOKEN = 'PASSWORD_RESET_TOKEN';
=== nodemailer lib/mail.js
const transporter = nodemailer.createTransport({ service: 'gmail', auth: { user: 'ops@acme.io', pass: '«pw»' } });
const knex = require('knex')({ client: 'pg', connection: { host: 'db', user: 'app', password: '«pwx»' } });
const sequelize = new Sequelize('acme', 'root', '«human»', { host: 'db', dialect: 'mysql' });
const sg = require('@sendgrid/mail'); sg.setApiKey('«sendgrid»');
const s3 = new S3Client({ credentials: { accessKeyId: process.env.ID, secretAccessKey: "«aws-secret»" } });
router.post('/password/reset', auth.required, controller.resetPassword);
if (!token) throw new Error('token is missing');
=== django-prod settings/prod.py
from .base import *
DATABASES["default"]["PASSWORD"] = "«pw»"
CACHES = {"default": {"LOCATION": "redis://:«key24»@cache:6379/1"}}
TWILIO = dict(sid="«?twilio-sid»", auth_token="«hex32»")
STRIPE_WEBHOOK_SECRET = "«stripe-hook»"
SIMPLE_JWT = {"SIGNING_KEY": "«key40»", "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5)}
RECAPTCHA_PRIVATE_KEY = env("RECAPTCHA_PRIVATE_KEY")
LOGIN_URL = "/accounts/login/"
=== paramiko tools/deploy.py
ssh = paramiko.SSHClient()
ssh.connect("10.0.0.4", username="root", password="«human»")
smtp = smtplib.SMTP("smtp.acme.io"); smtp.login("mailer", "«pw»")
r = redis.Redis(host="cache", password="«key24»")
es = Elasticsearch("https://es:9200", basic_auth=("elastic", "«pw»"))
requests.post(url, headers={"X-Vault-Token": "«vault»", "User-Agent": "deploy/1.0"})
hook = "«slack-hook»"
parser.add_argument("--password", help="password of the user", default=None)
secret = hashlib.sha256(data).hexdigest()
=== spring-xml applicationContext.xml
<beans>
  <bean id="dataSource" class="org.apache.commons.dbcp.BasicDataSource">
    <property name="username" value="app"/>
    <property name="password" value="«pw»"/>
  </bean>
  <bean id="mail"><property name="password" value="${mail.password}"/></bean>
  <security:user name="admin" password="«human»" authorities="ROLE_ADMIN"/>
</beans>
=== datasource-xml conf/standalone.xml
<datasource jndi-name="java:/Orders"><connection-url>jdbc:postgresql://db/orders</connection-url>
  <security><user-name>app</user-name><password>«pw»</password></security>
</datasource>
<security><password>${VAULT::ds::password::1}</password></security>
=== helmfile values/prod.yaml
externalDatabase: {host: db, user: app, password: "«pw»"}
oauth2-proxy:
  config:
    clientID: acme
    clientSecret: «hex40»
    cookieSecret: «b64-32»
alertmanager:
  config:
    global:
      smtp_auth_password: «human»
      pagerduty_url: https://events.pagerduty.com/v2/enqueue
    receivers:
    - name: ops
      pagerduty_configs: [{routing_key: «hex32»}]
keycloak:
  auth: {adminUser: admin, adminPassword: «pw», existingSecret: keycloak-secret}
=== argocd argocd/repo-secret.yaml
apiVersion: v1
kind: Secret
metadata: {name: repo, labels: {argocd.argoproj.io/secret-type: repository}}
stringData:
  url: https://github.com/acme/deploy
  username: octo
  password: «github-fine»
  sshPrivateKey: |
    «pem-indented»
=== serverless serverless.yml
service: acme
provider:
  name: aws
  environment:
    DB_PASS: «pw»
    JWT_SECRET: ${ssm:/acme/jwt}
    SLACK_TOKEN: «slack-bot»
custom:
  apiKeySourceType: HEADER
  authorizer: {identitySource: method.request.header.Authorization}
=== bitbucket bitbucket-pipelines.yml
pipelines:
  default:
    - step:
        script:
          - export SONAR_TOKEN=«sonar»
          - curl -X POST "https://ci:«urlpw»@jenkins.acme.internal/job/x/build?token=«key24»"
          - docker login --username=ci --password=«pw» registry.acme.internal
          - echo $DOCKER_PASSWORD | docker login -u ci --password-stdin
=== azure-pipelines azure-pipelines.yml
variables:
  - name: sqlPassword
    value: «pw»
  - name: vmImage
    value: ubuntu-latest
steps:
  - script: az storage blob upload --account-name acme --account-key «azure-storage» -f a -c b
  - script: az acr login -n acme -u acme -p $(acrPassword)
=== packer build.pkr.hcl
source "vsphere-iso" "base" {
  vcenter_server   = "vc.acme.internal"
  username         = "packer"
  password         = "«pwx»"
  ssh_password     = var.ssh_password
  ssh_timeout      = "30m"
  winrm_password   = "«human»"
}
=== pulumi Pulumi.prod.yaml
config:
  aws:region: eu-central-1
  acme:dbPassword:
    secure: AAABA«!b64-48»
  acme:apiToken: «key40»
encryptionsalt: v1:«!b64-16»:v1:«!b64-48»
=== php-legacy inc/config.inc.php
<?php
$cfg['Servers'][$i]['password'] = '«human»';
$dbpass = "«pw»";
$conn = mysql_connect($host, $user, "«pw»");
$mail->Password = '«pwx»';
$smtp_pass = getenv('SMTP_PASS');
$lang['password'] = 'Password';
$sql = "UPDATE users SET password = :password WHERE token = :token";
=== go-test internal/auth/auth_test.go
func TestLogin(t *testing.T) {
	for _, tt := range []struct{ user, password, want string }{{"joe", "hunter2", "ok"}, {"", "", "missing"}} {
		token, err := Login(tt.user, tt.password)
		req.Header.Set("Authorization", "Bearer "+token)
		if err := bcrypt.CompareHashAndPassword(hash, []byte(tt.password)); err != nil { t.Fatal(err) }
	}
	want := "«!hex64»"
	key := "tenant/42/session"
}
=== vue src/Login.vue
<template><input v-model="password" type="password" :label="$t('login.password')" autocomplete="new-password"></template>
<script>
export default { data: () => ({ password: '', token: null, rules: { password: [v => v.length >= 8 || 'Password is too short'] } }) }
const MAPS_KEY = '«?google-api»';
const API_SECRET = "«hex40»";
</script>
=== android res/values/strings.xml
<resources>
  <string name="app_name">Acme</string>
  <string name="prompt_password">Password (optional)</string>
  <string name="api_secret">«key40»</string>
  <string name="error_invalid_password">This password is too short</string>
</resources>
=== readme README.rst
Run it with a token of your own:

    export TOKEN=<your-token>
    acme login --user you --password '***'
    docker run -e POSTGRES_PASSWORD=mysecretpassword postgres

Passwords are hashed with argon2id. The key is derived as PBKDF2(password, salt).
=== asana-log build.log
+ docker login -u ci -p «docker-pat» docker.io
Downloading https://deploy:«urlpw»@nexus.acme.internal/a.jar
[INFO] Using token: ****** (masked), digest sha256:«!hex64»
x-amz-request-id: «!hex16»
set-cookie: session=«?key64»; HttpOnly
npm notice integrity: «!sri»
=== rclone rclone.conf
[remote]
type = s3
access_key_id = «?aws-id»
secret_access_key = «aws-secret»
region = eu-central-1
[dav]
type = webdav
user = ops
pass = «b64url43»
=== s3cfg .s3cfg
[default]
access_key = «?aws-id»
secret_key = «aws-secret»
gpg_passphrase = «human»
check_ssl_certificate = True
=== mongo-uri config/mongo.js
module.exports = { url: 'mongodb+srv://root:«urlpw»@prod.ab1cd.mongodb.net/?retryWrites=true', secret: process.env.SECRET };
=== clean-rust src/token.rs
pub enum Token { Ident(String), Keyword(&'static str) }
let key: String = format!("{}:{}", prefix, id);
let password = rpassword::prompt_password("Password: ")?;
const KEY_LEN: usize = 32;
assert_eq!(secret.len(), KEY_LEN);
#[serde(rename = "accessToken")] pub access_token: Option<String>,
=== clean-yaml deploy/crd.yaml
properties:
  passwordSecretRef: {description: "reference to the secret that holds the password", type: object}
  tokenExpirationSeconds: {format: int64, type: integer}
  apiKeySecret: {properties: {key: {type: string}, name: {type: string}}}
=== clean-cs Resources.Designer.cs
internal static string PasswordTooShort { get { return ResourceManager.GetString("PasswordTooShort", resourceCulture); } }
[assembly: InternalsVisibleTo("Acme.Tests, PublicKey=0024000004800000940000000602000000240000525341310004000001000100«!hex64»«!hex64»")]
public const string TokenKey = "Acme.Auth.Token";
`
