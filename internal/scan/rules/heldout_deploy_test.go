package rules_test

// How programs are built and run.
const heldOutDeploy = `=== dockerfile Dockerfile
FROM node:20-alpine@sha256:«!hex64»
ARG NPM_TOKEN
ARG GITHUB_TOKEN=«github»
ENV NODE_ENV=production \
    DB_PASSWORD=«human» \
    SECRET_KEY_BASE=«hex128»
ENV API_TOKEN «key40»
ENV PATH=/app/bin:$PATH
RUN echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN}" > .npmrc
RUN curl -H "Authorization: Bearer «key40»" -o tool https://dl.acme.internal/tool && echo "«!hex64»  tool" | sha256sum -c
HEALTHCHECK CMD curl -f http://localhost/ || exit 1
=== compose docker-compose.yml
version: "3.8"
services:
  db:
    image: postgres:15
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: «human»
      POSTGRES_PASSWORD_FILE: /run/secrets/pg
  mysql:
    environment:
      - MYSQL_ROOT_PASSWORD=«pw»
      - MYSQL_PASSWORD=${MYSQL_PASSWORD}
      - MYSQL_ALLOW_EMPTY_PASSWORD=yes
  minio:
    environment:
      MINIO_ROOT_USER: minio
      MINIO_ROOT_PASSWORD: "«key32»"
    command: server /data
  web:
    environment:
      - DATABASE_URL=postgres://app:«urlpw»@db/app
      - SECRET_KEY=«key64»
  redis:
    command: redis-server --requirepass «pw»
secrets:
  pg:
    file: ./pg_password.txt
=== github-actions .github/workflows/deploy.yml
name: deploy
on: {push: {branches: [main]}}
permissions:
  id-token: write
env:
  AWS_ACCESS_KEY_ID: «?aws-id»
  AWS_SECRET_ACCESS_KEY: «aws-secret»
  SONAR_TOKEN: «sonar»
jobs:
  deploy:
    steps:
      - uses: actions/checkout@«!hex40»
        with:
          token: ${{ secrets.GITHUB_TOKEN }}
      - uses: docker/login-action@v3
        with:
          username: acme
          password: «docker-pat»
      - run: ./deploy.sh
        env:
          API_KEY: ${{ secrets.API_KEY }}
          DATABASE_PASSWORD: «pw»
      - name: Generate password
        run: echo "::add-mask::$PASSWORD"
      - uses: actions/cache@v4
        with:
          key: ${{ runner.os }}-go-${{ hashFiles('**/go.sum') }}
=== gitlab-ci .gitlab-ci.yml
variables:
  SONAR_HOST_URL: https://sonar.acme.internal
  DEPLOY_TOKEN: "«gitlab»"
  SSH_PASSWORD: «human»
  SECURE_ANALYZERS_PREFIX: registry.gitlab.com/security-products
deploy:
  script:
    - echo "$CI_REGISTRY_PASSWORD" | docker login -u "$CI_REGISTRY_USER" --password-stdin
    - curl --request POST --form token=«key32» --form ref=main https://gitlab.com/api/v4/projects/7/trigger/pipeline
    - sshpass -p "$SSH_PASSWORD" ssh deploy@prod ./up.sh
  cache:
    key: ${CI_COMMIT_REF_SLUG}
=== jenkinsfile Jenkinsfile
pipeline {
    agent any
    environment {
        SONAR_TOKEN = credentials('sonar-token')
        NEXUS_PASSWORD = '«pw»'
        API_KEY = "${params.API_KEY}"
    }
    stages {
        stage('push') {
            steps {
                withCredentials([usernamePassword(credentialsId: 'nexus', usernameVariable: 'USER', passwordVariable: 'PASSWORD')]) {
                    sh 'docker login -u $USER -p $PASSWORD registry'
                }
                sh "curl -u admin:«pw» https://nexus.acme.internal/upload"
            }
        }
    }
}
=== terraform main.tf
provider "aws" {
  region     = "eu-central-1"
  access_key = "«?aws-id»"
  secret_key = "«aws-secret»"
}

provider "azurerm" {
  features {}
  client_id       = "«!uuid»"
  client_secret   = "«azure-client»"
  tenant_id       = "«!uuid»"
  subscription_id = "«!uuid»"
}

provider "digitalocean" {
  token = "«do»"
}

provider "datadog" {
  api_key = "«hex32»"
  app_key = "«hex40»"
}

resource "aws_db_instance" "main" {
  engine              = "postgres"
  username            = "app"
  password            = "«human»"
  kms_key_id          = "arn:aws:kms:eu-central-1:123456789012:key/«!uuid»"
  skip_final_snapshot = true
}

resource "aws_db_instance" "other" {
  password = var.db_password
}

resource "random_password" "db" {
  length  = 24
  special = true
}

variable "db_password" {
  description = "the master password"
  type        = string
  sensitive   = true
}

variable "api_token" {
  default = "«key40»"
}

data "aws_secretsmanager_secret" "db" {
  name = "prod/db/password"
}
=== tfvars prod.tfvars
db_password     = "«pwx»"
cloudflare_api_token = "«key40»"
instance_type   = "t3.large"
ami_id          = "ami-0abcdef1234567890"
key_name        = "deploy-key"
secret_name     = "prod/app"
=== tfstate terraform.tfstate
{
  "version": 4,
  "lineage": "«!uuid»",
  "outputs": {"db_password": {"value": "«pw»", "type": "string", "sensitive": true}},
  "resources": [{
    "type": "aws_iam_access_key", "name": "ci",
    "instances": [{"attributes": {
      "id": "«?aws-id»",
      "secret": "«aws-secret»",
      "ses_smtp_password_v4": "«key40»",
      "status": "Active"
    }}]
  }, {
    "type": "tls_private_key",
    "instances": [{"attributes": {
      "algorithm": "RSA",
      "private_key_pem": "«pem-escaped»",
      "public_key_fingerprint_md5": "ab:cd:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab",
      "id": "«!hex40»"
    }}]
  }]
}
=== k8s-secret k8s/secret.yaml
apiVersion: v1
kind: Secret
metadata:
  name: db
  uid: «!uuid»
type: Opaque
data:
  password: «b64-pw»
  DATABASE_URL: «b64-url»
  github-token: «b64-github»
  region: «!b64-harm»
---
apiVersion: v1
kind: Secret
metadata:
  name: app
stringData:
  api-key: «key40»
  password: "«human»"
  config.yaml: |
    smtp:
      password: «pw»
---
apiVersion: v1
kind: Secret
metadata:
  name: tls
type: kubernetes.io/tls
data:
  tls.crt: «!b64-cert»
  tls.key: «b64-pem»
=== k8s-deployment k8s/deployment.yaml
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
      - name: web
        image: acme/web@sha256:«!hex64»
        env:
        - name: DB_PASSWORD
          value: «pw»
        - name: API_TOKEN
          value: "«key40»"
        - name: SECRET_NAME
          value: app-secret
        - name: STRIPE_KEY
          valueFrom:
            secretKeyRef:
              name: stripe
              key: secret-key
        - name: TOKEN_TTL
          value: "3600"
      imagePullSecrets:
      - name: registry-credentials
      automountServiceAccountToken: false
=== helm-values chart/values.yaml
image:
  repository: acme/web
  pullSecrets: []
postgresql:
  auth:
    username: app
    password: «human»
    postgresPassword: "«pw»"
    existingSecret: ""
    secretKeys:
      adminPasswordKey: postgres-password
redis:
  auth: {enabled: true, password: «key24»}
ingress:
  tls:
  - secretName: web-tls
grafana:
  adminPassword: prom-operator
  admin:
    existingSecret: grafana-admin
    passwordKey: admin-password
=== helm-template chart/templates/secret.yaml
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "web.fullname" . }}
data:
  password: {{ .Values.postgresql.auth.password | b64enc | quote }}
  token: {{ randAlphaNum 32 | b64enc }}
  api-key: {{ required "set apiKey" .Values.apiKey | b64enc }}
=== ansible-inventory inventory/hosts.ini
[web]
web1 ansible_host=10.0.0.4 ansible_user=root ansible_password=«pw»
web2 ansible_host=10.0.0.5 ansible_ssh_pass='«human»' ansible_become_pass=«pw»

[all:vars]
ansible_python_interpreter=/usr/bin/python3
ansible_ssh_private_key_file=~/.ssh/deploy
=== ansible-vars group_vars/all.yml
---
mysql_root_password: «pw»
grafana_admin_password: "{{ vault_grafana_admin_password }}"
slack_token: «slack-bot»
deploy_key: |
    «pem-indented»
vault_file: secrets.yml
app_secret_key: '«key40»'
password_file: /etc/app/password
no_log: true
=== ansible-vault group_vars/vault.yml
$ANSIBLE_VAULT;1.1;AES256
«!hex64»«!hex16»
«!hex64»«!hex16»
=== makefile Makefile
REGISTRY ?= registry.acme.internal
DB_PASSWORD := «pw»
API_TOKEN ?= $(shell cat .token)
export NPM_TOKEN = «npm»

login:
	docker login -u ci -p «pw» $(REGISTRY)
	@echo "password is read from the keychain"

db:
	PGPASSWORD=«pw» psql -h localhost -U app
	mysql -uroot -p$(DB_PASSWORD) app
=== vagrantfile Vagrantfile
Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
  config.ssh.username = "vagrant"
  config.ssh.password = "«human»"
  config.vm.provision "shell", env: {"DB_PASSWORD" => "«pw»"}, inline: "provision.sh"
  config.vm.provision "shell", env: {"TOKEN" => ENV["TOKEN"]}, path: "join.sh"
end
=== systemd deploy/web.service
[Service]
Environment="DATABASE_URL=postgres://app:«urlpw»@db/app" "LOG=info"
Environment=SECRET_KEY=«key40»
EnvironmentFile=-/etc/web/env
ExecStart=/usr/bin/web --port 80 --admin-password=«pw»
LoadCredential=token:/etc/web/token
=== powershell scripts/Deploy.ps1
param([string]$Password, [SecureString]$Token)
$password = "«pwx»"
$cred = New-Object PSCredential("admin", (ConvertTo-SecureString "«pwx»" -AsPlainText -Force))
$env:AZURE_CLIENT_SECRET = '«azure-client»'
$secret = Get-AzKeyVaultSecret -VaultName acme -Name db
Write-Host "Enter your password:"
$token = Read-Host -AsSecureString
=== batch deploy.bat
@echo off
set DB_PASSWORD=«pw»
set API_KEY=%1
net use \\files\share /user:acme\deploy «human»
sqlcmd -S sql01 -U sa -P «human» -i init.sql
=== cloud-init user-data.yaml
#cloud-config
users:
  - name: ops
    passwd: $6$rounds=4096$«!key16»$«!key86»
    ssh_authorized_keys:
      - «!ssh-public»
chpasswd:
  list: |
    root:«human»
write_files:
  - path: /etc/app.env
    content: |
      APP_SECRET=«key40»
=== travis .travis.yml
language: ruby
env:
  global:
    - secure: "«!b64-blob»"
    - CODECOV_TOKEN=«uuid»
deploy:
  provider: rubygems
  api_key:
    secure: «!b64-blob»
=== cloudformation stack.yaml
Parameters:
  DBPassword:
    NoEcho: true
    Type: String
    Default: «human»
Resources:
  DB:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUsername: admin
      MasterUserPassword: «pw»
  Other:
    Properties:
      MasterUserPassword: !Ref DBPassword
      SecretString: '{{resolve:secretsmanager:db:SecretString:password}}'
  Topic:
    Properties:
      KmsMasterKeyId: alias/aws/sns
=== nginx nginx/api.conf
server {
    listen 443 ssl;
    ssl_certificate_key /etc/nginx/tls/key.pem;
    ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384;
    location /api {
        proxy_set_header Authorization "Basic «basic»";
        proxy_set_header X-Api-Key "«key40»";
        proxy_set_header X-Forwarded-For $remote_addr;
    }
}
=== prometheus prometheus.yml
remote_write:
  - url: https://metrics.acme.io/push
    basic_auth:
      username: "104312"
      password: «key40»
  - url: https://other.acme.io/push
    authorization:
      type: Bearer
      credentials: «key40»
scrape_configs:
  - job_name: web
    basic_auth: {username: prom, password_file: /etc/prom/pw}
alerting:
  slack_api_url: «slack-hook»
=== wireguard wg0.conf
[Interface]
Address = 10.8.0.2/24
PrivateKey = «b64-32»
[Peer]
PublicKey = «!b64-32»
PresharedKey = «b64-32»
Endpoint = vpn.acme.io:51820
`
