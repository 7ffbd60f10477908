package rules_test

// What command line clients, package managers and shells keep.
const heldOutClients = `=== aws-credentials .aws/credentials
[default]
aws_access_key_id = «?aws-id»
aws_secret_access_key = «aws-secret»

[staging]
aws_access_key_id=«?aws-temp-id»
aws_secret_access_key=«aws-secret»
aws_session_token=«aws-session»
region = eu-central-1
=== npmrc .npmrc
registry=https://registry.npmjs.org/
//registry.npmjs.org/:_authToken=«npm»
@acme:registry=https://npm.acme.internal/
//npm.acme.internal/:_password=«b64-pw»
//npm.acme.internal/:username=ci
//npm.acme.internal/:email=ci@acme.internal
//npm.pkg.github.com/:_authToken=${GITHUB_TOKEN}
//nexus.acme.internal/repository/npm/:_auth=«basic»
save-exact=true
=== pypirc .pypirc
[distutils]
index-servers =
    pypi
    internal

[pypi]
username = __token__
password = «pypi»

[internal]
repository = https://pypi.acme.internal/simple
username = ci
password = «pw»
=== netrc home/.netrc
machine github.com login octo password «github»
machine api.heroku.com
  login ops@acme.io
  password «uuid»
machine ftp.acme.io login anonymous password «human»
=== pgpass .pgpass
# hostname:port:database:username:password
db.acme.internal:5432:orders:orders_rw:«pw»
*:*:*:replicator:«human»
=== my-cnf etc/.my.cnf
[client]
user=backup
password="«pwx»"
host=127.0.0.1

[mysqldump]
password=«human»
quick
=== docker-config .docker/config.json
{
	"auths": {
		"https://index.docker.io/v1/": {
			"auth": "«basic»"
		},
		"registry.acme.internal": {
			"username": "ci",
			"password": "«pw»"
		}
	},
	"credsStore": "desktop",
	"HttpHeaders": {"User-Agent": "Docker-Client/19.03.12 (linux)"}
}
=== kubeconfig .kube/config
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster:
    certificate-authority-data: «!b64-cert»
    server: https://10.0.0.1:6443
users:
- name: admin
  user:
    client-certificate-data: «!b64-cert»
    client-key-data: «b64-pem»
- name: robot
  user:
    token: «jwt»
- name: legacy
  user:
    username: admin
    password: «pw»
contexts:
- context: {cluster: prod, user: admin}
  name: prod
current-context: prod
=== shell-history home/.bash_history
cd src/payments
export AWS_SECRET_ACCESS_KEY=«aws-secret»
export STRIPE_KEY='«stripe»'
mysql -u root -p«pw» orders
mysqldump --user=root --password=«pw» orders > dump.sql
PGPASSWORD=«human» psql -h db.acme.internal -U app
curl -u deploy:«pw» https://ci.acme.internal/job/build
curl -H "Authorization: Bearer «jwt»" https://api.acme.io/v1/me
curl -H 'X-Api-Key: «key40»' https://api.acme.io/v1/me
curl --header "PRIVATE-TOKEN: «gitlab»" https://gitlab.com/api/v4/projects
git clone https://oauth2:«gitlab»@gitlab.com/acme/app.git
sshpass -p '«pwx»' ssh root@10.0.0.7
docker login -u ci -p «docker-pat» docker.io
redis-cli -h cache -a «key32» ping
echo «pw» | docker login --username ci --password-stdin
openssl rand -hex 32
az login --service-principal -u «!uuid» -p «azure-client» --tenant «!uuid»
kubectl create secret generic db --from-literal=password=«pw»
vault login «vault»
git commit -m "rotate token and password"
git checkout «!hex40»
export PATH=$HOME/bin:$PATH
ls -la
=== curl-script scripts/notify.sh
#!/bin/bash
set -euo pipefail
TOKEN="«slack-bot»"
HOOK=«slack-hook»
API_TOKEN=${API_TOKEN:?set it first}
PASSWORD="$(vault read -field=password secret/db)"
read -rsp "Password: " PASSWORD
curl -X POST -d '{"text":"done"}' "$HOOK"
curl -s -u "$USER:$PASSWORD" https://ci.acme.internal/
curl -H "Authorization: Basic «basic»" https://ci.acme.internal/api/json
curl -H "Authorization: token $GITHUB_TOKEN" https://api.github.com/user
curl "https://api.openweathermap.org/data/2.5/weather?q=Bern&appid=«hex32»"
wget --user=ci --password='«pw»' https://files.acme.internal/a.tgz
=== maven .m2/settings.xml
<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">
  <servers>
    <server>
      <id>releases</id>
      <username>deployer</username>
      <password>«pw»</password>
    </server>
    <server>
      <id>sonatype</id>
      <username>${env.OSSRH_USER}</username>
      <password>${env.OSSRH_PASSWORD}</password>
    </server>
    <server>
      <id>keyed</id>
      <privateKey>${user.home}/.ssh/id_dsa</privateKey>
      <passphrase>«human»</passphrase>
    </server>
  </servers>
</settings>
=== nuget nuget.config
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <packageSources>
    <add key="acme" value="https://nuget.acme.internal/v3/index.json" />
  </packageSources>
  <packageSourceCredentials>
    <acme>
      <add key="Username" value="ci" />
      <add key="ClearTextPassword" value="«pw»" />
    </acme>
  </packageSourceCredentials>
  <apikeys>
    <add key="https://www.nuget.org" value="«nuget»" />
  </apikeys>
</configuration>
=== gradle gradle.properties
org.gradle.jvmargs=-Xmx2g -Dfile.encoding=UTF-8
org.gradle.caching=true
signing.keyId=24875D73
signing.password=«human»
signing.secretKeyRingFile=/home/ci/.gnupg/secring.gpg
ossrhUsername=acme
ossrhPassword=«pw»
RELEASE_STORE_PASSWORD=«human»
RELEASE_KEY_ALIAS=upload
RELEASE_KEY_PASSWORD=«pw»
=== gradle-build app/build.gradle
android {
    signingConfigs {
        release {
            storeFile file("release.jks")
            storePassword "«human»"
            keyAlias "upload"
            keyPassword '«pw»'
        }
        ci {
            storePassword System.getenv("STORE_PASSWORD")
            keyPassword project.property("keyPassword")
        }
    }
    defaultConfig {
        applicationId "io.acme.app"
        buildConfigField "String", "API_KEY", "\"«key40»\""
    }
}
=== gem-credentials .gem/credentials
---
:rubygems_api_key: «rubygems»
:github: Bearer «github»
=== cargo .cargo/credentials.toml
[registry]
token = "«crates»"

[registries.acme]
token = "«key40»"
=== terraformrc .terraformrc
credentials "app.terraform.io" {
  token = "«tfc»"
}
plugin_cache_dir = "$HOME/.terraform.d/plugin-cache"
=== git-credentials .git-credentials
https://octo:«github»@github.com
https://ci:«urlpw»@git.acme.internal
=== git-config .git/config
[remote "origin"]
	url = https://x-access-token:«github-app»@github.com/acme/app.git
	fetch = +refs/heads/*:refs/remotes/origin/*
[user]
	signingkey = 24875D73A1B2C3D4
[credential]
	helper = store
=== ssh-key .ssh/id_ed25519
«pem-openssh»
=== ssh-key .ssh/id_rsa_sealed
«pem-sshsealed»
=== ssh-public .ssh/authorized_keys
«!ssh-public»
=== pem-files certs/all.pem
«!pem-cert»
«pem-rsa»
«!pem-public»
«pem-ec»
«pem-pkcs8»
«pem-ed25519»
«pem-dsa»
«pem-encrypted»
«pem-old»
=== putty keys/deploy.ppk
PuTTY-User-Key-File-3: ssh-rsa
Encryption: none
Comment: deploy
Public-Lines: 2
AAAAB3NzaC1yc2EAAAADAQABAAABAQC7vbqajDhA
yWJ5CiMgGIbFyqQ8WnWQ0000
Private-Lines: 13
«ppk-private»
Private-MAC: «?hex64»
=== ovpn vpn/client.ovpn
client
dev tun
remote vpn.acme.io 1194 udp
cipher AES-256-GCM
auth SHA256
<ca>
«!pem-cert»
</ca>
<key>
«pem-pkcs8»
</key>
key-direction 1
<tls-auth>
-----BEGIN OpenVPN Static key V1-----
«ovpn-static»
-----END OpenVPN Static key V1-----
</tls-auth>
=== postman api.postman_collection.json
{
  "info": {"_postman_id": "«!uuid»", "name": "Acme", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
  "item": [{
    "name": "me",
    "request": {
      "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "«jwt»", "type": "string"}]},
      "header": [
        {"key": "X-API-Key", "value": "«key40»"},
        {"key": "Content-Type", "value": "application/json"},
        {"key": "Authorization", "value": "Bearer {{access_token}}"}
      ],
      "url": "{{base_url}}/me"
    }
  }, {
    "name": "basic",
    "request": {"auth": {"type": "basic", "basic": [{"key": "password", "value": "«pw»", "type": "string"}, {"key": "username", "value": "ops"}]}}
  }]
}
=== postman-env prod.postman_environment.json
{
  "id": "«!uuid»",
  "values": [
    {"key": "base_url", "value": "https://api.acme.io", "enabled": true},
    {"key": "client_secret", "value": "«key32»", "type": "secret", "enabled": true},
    {"key": "postman_key", "value": "«postman»", "enabled": true},
    {"key": "access_token", "value": "", "enabled": true}
  ]
}
`
