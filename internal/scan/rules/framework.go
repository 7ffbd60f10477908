package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// frameworks are what frameworks and servers sign and encrypt with, by the names
// their settings have.
var frameworks = append([]scan.Rule{{
	ID: "jwt-section-key", Title: "key that signs JSON web tokens, in a section for them", Severity: scan.High, Source: "https://www.rfc-editor.org/rfc/rfc7518#section-3.2",
	Keywords: []string{"\"jwt", "\"token", "jwt:"}, Inside: true, Generic: true, NotPath: noise, Detect: detectJWTSection,
	Match: []string{"\"Jwt\": {\"Issuer\": \"x\", \"Key\": \"{}\"}\n", "\"JwtSettings\": {\n  \"SigningKey\": \"{}\"\n}\n", "\"Jwt:Key\": \"{}\"\n"},
	Miss:  []string{"\"Jwt\": {\"Issuer\": \"x\"}, \"Key\": \"{}\"\n", "\"Jwt\": {\"Key\": \"${KEY}\"}\n"},
}}, settingRules([]setting{
	{id: "django-secret-key", title: "Django secret key", severity: scan.High, source: "https://docs.djangoproject.com/en/stable/ref/settings/#secret-key", names: []string{"secret_key", "secret_key_fallbacks"},
		judge: atLeast(20), sample: []string{"SECRET_KEY = '{}'\n", "DJANGO_SECRET_KEY={}\n", "app.config['SECRET_KEY'] = \"{}\"\n", "SECRET_KEY: str = \"{}\"\n"}},
	{id: "rails-secret-key-base", title: "Rails or Phoenix secret key base", severity: scan.High, source: "https://guides.rubyonrails.org/security.html#session-storage", names: []string{"secret_key_base", "secret_token"},
		judge: atLeast(30), sample: []string{"  secret_key_base: {}\n", "config :app, AppWeb.Endpoint,\n  secret_key_base: \"{}\"\n", "config.secret_token = '{}'\n"}},
	{id: "rails-master-key", title: "Rails master key", severity: scan.Critical, source: "https://guides.rubyonrails.org/security.html#custom-credentials", names: []string{"rails_master_key"},
		judge: inHex(32), sample: []string{"RAILS_MASTER_KEY={}\n", "- name: RAILS_MASTER_KEY\n  value: {}\n"}},
	{id: "laravel-app-key", title: "Laravel application key", severity: scan.High, source: "https://laravel.com/docs/encryption#configuration", names: []string{"app_key", "app_previous_keys"},
		judge: laravelKey, sample: []string{"APP_KEY={}\n", "'APP_KEY' => '{}',\n"}},
	{id: "symfony-app-secret", title: "Symfony application secret", severity: scan.High, source: "https://symfony.com/doc/current/reference/configuration/framework.html#secret", names: []string{"app_secret"},
		judge: inHex(32, 40, 64), sample: []string{"APP_SECRET={}\n"}},
	{id: "nextauth-secret", title: "NextAuth secret", severity: scan.High, source: "https://next-auth.js.org/configuration/options#secret", names: []string{"nextauth_secret", "auth_secret", "better_auth_secret"},
		judge: atLeast(16), sample: []string{"NEXTAUTH_SECRET={}\n", "AUTH_SECRET=\"{}\"\n"}},
	{id: "session-secret", title: "secret that signs sessions", severity: scan.High, source: "https://expressjs.com/en/resources/middleware/session.html", names: []string{"session_secret", "cookie_secret", "sessionsecret", "cookiesecret", "session_key", "cookie_key"},
		judge: atLeast(16), sample: []string{"SESSION_SECRET={}\n", "const sessionSecret = '{}'\n"}},
	{id: "jwt-signing-secret", title: "secret that signs JSON web tokens", severity: scan.High, source: "https://www.rfc-editor.org/rfc/rfc7518#section-3.2", names: []string{"jwt_secret", "jwt_secret_key", "jwtsecret", "jwt.secret", "jwt_key", "jwt-secret", "jwt_signing_key", "jwt_private_key", "jwt_token_secret"},
		judge: memorable(8), sample: []string{"JWT_SECRET={}\n", "jwt.secret={}\n", "jwtSecret: '{}',\n"}},
	{id: "database-password", title: "password of a database", severity: scan.High, source: "https://developer.wordpress.org/advanced-administration/wordpress/wp-config/#set-database-password",
		names: []string{"db_password", "db_pass", "db_passwd", "database_password", "mysql_password", "mysql_root_password", "postgres_password", "mongo_initdb_root_password", "mariadb_root_password", "redis_password", "pgpassword", "mysql_pwd", "rediscli_auth", "sa_password", "mssql_sa_password"},
		judge: memorable(6), generic: true, sample: []string{"define('DB_PASSWORD', '{}');\n", "DB_PASSWORD={}\n", "PGPASSWORD={} psql -h db\n", "      POSTGRES_PASSWORD: \"{}\"\n"}},
	{id: "drupal-hash-salt", title: "Drupal hash salt", severity: scan.High, source: "https://www.drupal.org/docs/administering-a-drupal-site/security-in-drupal", names: []string{"hash_salt", "drupal_hash_salt"},
		judge: atLeast(20), sample: []string{"$settings['hash_salt'] = '{}';\n"}},
	{id: "joomla-secret", title: "Joomla secret or password", severity: scan.High, source: "https://docs.joomla.org/J3.x:Joomla_configuration_file", names: []string{"public $secret", "public $password", "public $smtppass", "public $ftp_pass"},
		judge: memorable(8), sample: []string{"\tpublic $secret = '{}';\n", "public $password = '{}';\n"}},
	{id: "aspnet-machine-key", title: "ASP.NET machine key", severity: scan.Critical, source: "https://learn.microsoft.com/en-us/previous-versions/aspnet/w8h3skw9(v=vs.100)", names: []string{"validationkey", "decryptionkey"},
		judge: inHex(16, 32, 40, 48, 64, 96, 128), sample: []string{"<machineKey validationKey=\"{}\" validation=\"SHA1\" />\n"}},
	{id: "play-secret-key", title: "Play secret key", severity: scan.High, source: "https://www.playframework.com/documentation/latest/ApplicationSecret", names: []string{"play.http.secret.key", "application.secret", "play.crypto.secret"},
		judge: memorable(16), sample: []string{"play.http.secret.key=\"{}\"\n", "application.secret=\"{}\"\n"}},
	{id: "strapi-secret", title: "Strapi secret", severity: scan.High, source: "https://docs.strapi.io/cms/configurations/environment", names: []string{"app_keys", "api_token_salt", "admin_jwt_secret", "transfer_token_salt"},
		judge: atLeast(16), sample: []string{"API_TOKEN_SALT={}\n", "ADMIN_JWT_SECRET={}\n"}},
	{id: "fernet-key", title: "Fernet key, as Airflow has one", severity: scan.High, source: "https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/fernet.html", names: []string{"fernet_key", "airflow__core__fernet_key", "fernetkey"},
		judge: inBase64(32), sample: []string{"fernet_key = {}\n", "AIRFLOW__CORE__FERNET_KEY: '{}'\n"}},
	{id: "jupyter-token", title: "Jupyter token", severity: scan.High, source: "https://jupyter-server.readthedocs.io/en/latest/operators/security.html", names: []string{"notebookapp.token", "serverapp.token", "identityprovider.token", "jupyter_token"},
		judge: memorable(8), sample: []string{"c.NotebookApp.token = '{}'\n", "JUPYTER_TOKEN={}\n"}},
	{id: "grafana-admin-password", title: "Grafana administrator password", severity: scan.High, source: "https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#admin_password", names: []string{"gf_security_admin_password", "gf_security_secret_key", "admin_password", "adminpassword", "admin_pass"},
		judge: memorable(6), generic: true, sample: []string{"admin_password = {}\n", "GF_SECURITY_ADMIN_PASSWORD={}\n", "adminPassword: {}\n"}},
	{id: "gossip-key", title: "key that encrypts the gossip of Consul, Nomad or Serf", severity: scan.High, source: "https://developer.hashicorp.com/consul/docs/security/encryption/gossip", names: []string{"encrypt", "encrypt_key", "gossip_encryption_key", "consul_encrypt"},
		judge: inBase64(16, 32), sample: []string{"encrypt = \"{}\"\n", "{\"encrypt\": \"{}\"}\n"}},
	{id: "odoo-master-password", title: "Odoo master password", severity: scan.High, source: "https://www.odoo.com/documentation/master/administration/on_premise/deploy.html", names: []string{"admin_passwd"},
		judge: memorable(6), sample: []string{"admin_passwd = {}\n"}},
	{id: "php-application-salt", title: "salt or secret of a PHP application", severity: scan.Medium, source: "https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/config_sample_php_parameters.html", names: []string{"passwordsalt", "blowfish_secret", "security.salt", "security_salt", "encryption_key", "cookievalidationkey"},
		judge: atLeast(16), sample: []string{"  'passwordsalt' => '{}',\n", "$cfg['blowfish_secret'] = '{}';\n", "$config['encryption_key'] = '{}';\n"}},
	{id: "magento-crypt-key", title: "Magento encryption key", severity: scan.High, source: "https://experienceleague.adobe.com/en/docs/commerce-operations/configuration-guide/deployment/encryption-key", names: []string{"crypt_key", "'crypt' => [\n        'key'"},
		judge: either(inHex(32), memorable(32)), sample: []string{"CRYPT_KEY={}\n", "'crypt' => [\n        'key' => '{}'\n    ],\n"}},
	{id: "application-encryption-key", title: "key with which an application encrypts", severity: scan.High, source: "https://cwe.mitre.org/data/definitions/321.html",
		names: []string{"encryption_key", "encryptionkey", "aes_key", "master_encryption_key", "data_encryption_key", "field_encryption_key", "n8n_encryption_key", "cipher_key", "hmac_secret", "hmac_key", "signing_secret", "signing_key", "webhook_secret"},
		judge: atLeast(16), generic: true, sample: []string{"ENCRYPTION_KEY={}\n", "AES_KEY = \"{}\"\n", "WEBHOOK_SECRET={}\n"}},
	{id: "service-secret", title: "secret by which services trust each other", severity: scan.High, source: "https://cwe.mitre.org/data/definitions/798.html",
		names: []string{"minio_root_password", "minio_secret_key", "rabbitmq_default_pass", "rabbitmq_erlang_cookie", "keycloak_admin_password", "kc_db_password", "elastic_password", "kibana_system_password", "neo4j_auth", "ldap_admin_password", "ldap_bind_password", "smtp_password", "smtp_pass", "email_host_password", "mail_password", "sonar_jdbc_password", "restic_password", "borg_passphrase", "sshpass", "ansible_vault_password", "ejabberd_erlang_cookie", "turn_secret", "static-auth-secret", "registry_http_secret", "drone_rpc_secret", "gitea__security__secret_key", "matrix_registration_shared_secret", "registration_shared_secret", "macaroon_secret_key", "form_secret", "meili_master_key", "typesense_api_key", "hasura_graphql_admin_secret", "graphql_admin_secret", "influxdb_init_admin_token", "superset_secret_key"},
		judge: memorable(6), generic: true, sample: []string{"RABBITMQ_DEFAULT_PASS={}\n", "EMAIL_HOST_PASSWORD = '{}'\n", "smtp_password: {}\n", "registration_shared_secret: \"{}\"\n"}},
	{id: "java-keystore-password", title: "password of a key store or of its key", severity: scan.High, source: "https://developer.android.com/studio/publish/app-signing", names: []string{"storepassword", "keypassword", "signing.password", "signing.keypassword", "keystorepassword", "keystore_password", "key-store-password", "trust-store-password", "keystorepass", "truststorepassword", "signing.secretkeypassword", "signing.gnupg.passphrase", "ssl.keystore.password", "ssl.key.password", "ssl.truststore.password"},
		judge: memorable(6), generic: true, sample: []string{"storePassword={}\n", "storePassword '{}'\n", "signing.password={}\n", "server.ssl.key-store-password: {}\n"}, space: true},
})...)

// detectJWTSection reads the member "Key" or "Secret" of an object named after
// tokens, as ASP.NET's settings have it.
func detectJWTSection(text []byte, at int) []scan.Span {
	end := min(len(text), at+256)
	if i := bytes.IndexByte(text[at:end], '}'); i >= 0 {
		end = at + i
	}
	within := false // the braces of the section
	for i := at + 1; i < end; i++ {
		name := ""
		switch text[i] {
		case '{':
			within = true
		case '"', ':':
			name = longest(text, i, sectionKeys)
		}
		if name == "" || name[0] == '"' && !within {
			continue
		}
		if v, ok := assigned(text, i+len(name)-1); ok && v.quoted && credible(v.of(text)) {
			if validity, _ := memorable(16)(v.of(text)); validity != scan.Invalid {
				return []scan.Span{{Start: v.start, End: v.end}}
			}
		}
	}
	return nil
}

var sectionKeys = []string{"\"key\"", "\"secret\"", "\"signingkey\"", "\"issuersigningkey\"", ":key\"", ":secret\""}

// laravelKey reads base64: and 16 or 32 bytes.
func laravelKey(v []byte) (scan.Validity, string) {
	const mark = "base64:"
	if !hasFold(v, 0, mark) {
		if len(v) == 32 && random(v) {
			return scan.Unverified, ""
		}
		return scan.Invalid, ""
	}
	return inBase64(16, 32)(v[len(mark):])
}

// memorable takes values of n bytes or more that people may have made up: of two
// kinds of characters, or long.
func memorable(n int) func([]byte) (scan.Validity, string) {
	return func(v []byte) (scan.Validity, string) {
		if len(v) < n || !mixed(v) && (len(v) < 12 || bits(v) < 3) || len(v) > 256 {
			return scan.Invalid, ""
		}
		return scan.Unverified, ""
	}
}

// either takes what one of two takes.
func either(a, b func([]byte) (scan.Validity, string)) func([]byte) (scan.Validity, string) {
	return func(v []byte) (scan.Validity, string) {
		if validity, note := a(v); validity != scan.Invalid {
			return validity, note
		}
		return b(v)
	}
}
