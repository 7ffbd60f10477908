package rules_test

// The settings of programs.
const heldOutConfig = `=== dotenv .env
APP_NAME=Acme
APP_ENV=production
APP_KEY=base64:«b64-32»
APP_DEBUG=false
DB_CONNECTION=mysql
DB_HOST=127.0.0.1
DB_DATABASE=acme
DB_USERNAME=acme
DB_PASSWORD=«human»
REDIS_PASSWORD=null
MAIL_PASSWORD="«pwx»"
MAIL_ENCRYPTION=tls
AWS_ACCESS_KEY_ID=«?aws-id»
AWS_SECRET_ACCESS_KEY=«aws-secret»
AWS_BUCKET=acme-uploads
PUSHER_APP_KEY=
PUSHER_APP_SECRET=«hex32»
MIX_PUSHER_APP_KEY="${PUSHER_APP_KEY}"
STRIPE_SECRET=«stripe-long»
STRIPE_KEY=«!stripe-public»
STRIPE_WEBHOOK_SECRET=«stripe-hook»
JWT_SECRET=«key64»
SENTRY_DSN=«?sentry-dsn»
OPENAI_API_KEY=«openai-project»
ANTHROPIC_API_KEY=«anthropic»
=== dotenv-example .env.example
DB_PASSWORD=secret
DB_PASSWORD_FILE=/run/secrets/db_password
STRIPE_SECRET=sk_test_xxxxxxxxxxxxxxxxxxxxxxxx
OPENAI_API_KEY=your-openai-api-key-here
GITHUB_TOKEN=<your github token>
JWT_SECRET=changeme
SESSION_SECRET=replace_this_with_a_long_random_string
AWS_SECRET_ACCESS_KEY=
API_KEY=YOUR_API_KEY
SLACK_WEBHOOK=https://hooks.slack.com/services/XXXX/YYYY/ZZZZ
DATABASE_URL=postgres://user:password@localhost:5432/app
SECRET_KEY_BASE=generate-with-rails-secret
ENCRYPTION_KEY=00000000000000000000000000000000
ADMIN_PASSWORD=********
=== dotenv-node server/.env.production
NODE_ENV=production
PORT=8080
DATABASE_URL="postgresql://app:«urlpw»@db.acme.internal:5432/app?schema=public"
MONGODB_URI=mongodb+srv://app:«urlpw»@cluster0.ab1cd.mongodb.net/app
REDIS_URL=redis://:«key32»@cache:6379/0
AMQP_URL=amqp://worker:«pct»@mq:5672/jobs
SESSION_SECRET='«pwx»'
NEXTAUTH_SECRET=«b64-32»
SENDGRID_API_KEY=«sendgrid»
TWILIO_ACCOUNT_SID=«?twilio-sid»
TWILIO_AUTH_TOKEN=«hex32»
GOOGLE_CLIENT_ID=«!digits12»-abc123def456ghi789jkl012mno345pq.apps.googleusercontent.com
GOOGLE_CLIENT_SECRET=«google-secret»
NEXT_PUBLIC_FIREBASE_API_KEY=«?google-api»
ALGOLIA_ADMIN_KEY=«hex32»
DATADOG_API_KEY=«hex32»
CLOUDFLARE_API_TOKEN=«key40»
HEROKU_API_KEY=«uuid»
TELEGRAM_BOT_TOKEN=«telegram»
DISCORD_TOKEN=«discord-bot»
TOKEN_TTL=3600
PASSWORD_MIN_LENGTH=12
COOKIE_SECURE=true
=== appsettings appsettings.Production.json
{
  "Logging": {"LogLevel": {"Default": "Information", "Microsoft.AspNetCore": "Warning"}},
  "ConnectionStrings": {
    "Default": "Server=tcp:acme.database.windows.net,1433;Database=orders;User ID=app;Password=«pw»;Encrypt=True;",
    "Local": "Server=(localdb)\\mssqllocaldb;Database=orders;Trusted_Connection=True;",
    "Storage": "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=«azure-storage»;EndpointSuffix=core.windows.net",
    "ServiceBus": "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=«b64-32»",
    "Redis": "acme.redis.cache.windows.net:6380,password=«b64-32»,ssl=True,abortConnect=False"
  },
  "AzureAd": {
    "Instance": "https://login.microsoftonline.com/",
    "TenantId": "«!uuid»",
    "ClientId": "«!uuid»",
    "ClientSecret": "«azure-client»"
  },
  "Jwt": {"Key": "«key40»", "Issuer": "https://acme.io", "ExpiryMinutes": 60},
  "Smtp": {"Host": "smtp.acme.io", "UserName": "mailer", "Password": "«human»"},
  "PasswordPolicy": {"RequireDigit": true, "RequiredLength": 12}
}
=== web-config Web.config
<configuration>
  <connectionStrings>
    <add name="Orders" connectionString="Data Source=sql01;Initial Catalog=Orders;User Id=app;Pwd=«human»" providerName="System.Data.SqlClient" />
  </connectionStrings>
  <appSettings>
    <add key="ClientValidationEnabled" value="true" />
    <add key="SmtpPassword" value="«pw»" />
    <add key="Twilio.AuthToken" value="«hex32»" />
    <add key="PublicKeyToken" value="31bf3856ad364e35" />
  </appSettings>
  <system.web>
    <machineKey validationKey="«hex128»" decryptionKey="«hex64»" validation="SHA1" decryption="AES" />
    <authentication mode="Forms" />
  </system.web>
  <runtime>
    <assemblyIdentity name="Newtonsoft.Json" publicKeyToken="30ad4fe6b2a6aeed" culture="neutral" />
  </runtime>
</configuration>
=== spring-yaml src/main/resources/application.yml
spring:
  datasource:
    url: jdbc:postgresql://db:5432/orders
    username: orders
    password: «pw»
  mail:
    password: ${MAIL_PASSWORD}
  rabbitmq:
    password: "«human»"
  security:
    oauth2:
      client:
        registration:
          github:
            client-id: «!hex20»
            client-secret: «hex40»
  redis:
    password: '«pwx»'
jasypt:
  encryptor:
    password: «human»
jwt:
  secret: «b64-64»
  token-validity-in-seconds: 86400
  header: Authorization
server:
  ssl:
    key-store: classpath:keystore.p12
    key-store-password: «human»
    key-alias: tomcat
management.endpoints.web.exposure.include: health,info
=== properties config/application.properties
spring.datasource.url=jdbc:mysql://db:3306/orders?user=app&password=«pw»&useSSL=false
spring.datasource.password=«human»
quarkus.datasource.password=«pw»
oracle.url=jdbc:oracle:thin:app/«pw»@//db:1521/ORCL
server.ssl.key-store-password = «pw»
mail.smtp.password: «human»
api.key = «key40»
app.reset-password.url=https://acme.io/reset
label.password=Password
error.password.required=The password is required
token.expiry.seconds=3600
security.token.header=X-Auth-Token
kafka.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="app" password="«pw»";
cipher.algorithm=AES/CBC/PKCS5Padding
=== django mysite/settings.py
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# SECURITY WARNING: keep the secret key used in production secret!
SECRET_KEY = 'django-insecure-«django»'
DEBUG = True

AUTH_PASSWORD_VALIDATORS = [
    {'NAME': 'django.contrib.auth.password_validation.MinimumLengthValidator'},
    {'NAME': 'django.contrib.auth.password_validation.CommonPasswordValidator'},
]
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': 'mysite',
        'USER': 'mysite',
        'PASSWORD': '«pwx»',
        'HOST': 'localhost',
    },
    'replica': {
        'PASSWORD': os.environ['REPLICA_PASSWORD'],
    },
}
EMAIL_HOST_PASSWORD = "«human»"
AWS_SECRET_ACCESS_KEY = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
SOCIAL_AUTH_GITHUB_SECRET = '«hex40»'
CELERY_BROKER_URL = 'amqp://guest:guest@localhost:5672//'
PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher']
PASSWORD_RESET_TIMEOUT = 259200
CSRF_COOKIE_NAME = "csrftoken"
=== flask app/config.py
class Config:
    SECRET_KEY = "«key32»"
    SQLALCHEMY_DATABASE_URI = "mysql+pymysql://app:«urlpw»@db/app"
    WTF_CSRF_SECRET_KEY = '«human»'
    JWT_SECRET_KEY = os.getenv("JWT_SECRET_KEY")
    JWT_TOKEN_LOCATION = ["headers", "cookies"]
    MAIL_PASSWORD = config("MAIL_PASSWORD", default="")
=== rails config/secrets.yml
development:
  secret_key_base: «hex128»

test:
  secret_key_base: «hex128»

production:
  secret_key_base: <%= ENV["SECRET_KEY_BASE"] %>
  stripe_secret_key: «stripe»
=== rails config/database.yml
default: &default
  adapter: postgresql
  pool: <%= ENV.fetch("RAILS_MAX_THREADS") { 5 } %>
production:
  <<: *default
  database: acme
  username: acme
  password: «human»
staging:
  password: <%= ENV['ACME_DATABASE_PASSWORD'] %>
=== rails-key config/master.key
«hex32»
=== rails-devise config/initializers/devise.rb
Devise.setup do |config|
  config.secret_key = '«hex128»'
  config.mailer_sender = 'please-change-me-at-config-initializers-devise@example.com'
  config.reset_password_within = 6.hours
  config.password_length = 6..128
  config.omniauth :github, ENV['GITHUB_ID'], ENV['GITHUB_SECRET'], scope: 'user,repo'
  # config.pepper = '...'
end
=== wp-config wp-config.php
<?php
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'wp' );
define( 'DB_PASSWORD', '«pwx»' );
define( 'DB_HOST', 'localhost' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'AUTH_KEY',         '«salt»' );
define( 'SECURE_AUTH_KEY',  '«salt»' );
define( 'NONCE_SALT',       '«salt»' );
define( 'LOGGED_IN_KEY',    'put your unique phrase here' );
$table_prefix = 'wp_';
=== laravel-config config/services.php
<?php
return [
    'mailgun' => [
        'domain' => env('MAILGUN_DOMAIN'),
        'secret' => '«mailgun»',
        'endpoint' => env('MAILGUN_ENDPOINT', 'api.mailgun.net'),
    ],
    'ses' => [
        'key' => '«?aws-id»',
        'secret' => '«aws-secret»',
        'region' => 'us-east-1',
    ],
    'github' => ['client_secret' => env('GITHUB_CLIENT_SECRET')],
    'passwords' => ['users' => ['provider' => 'users', 'table' => 'password_resets', 'expire' => 60]],
];
=== toml config.toml
title = "acme"

[database]
host = "db"
password = "«pwx»"
max_connections = 20

[auth]
jwt_secret = "«b64-32»"
token_ttl = "24h"
api_keys = ["«key40»", "«key40»"]

[smtp]
pass = '«human»'
=== ini conf/app.ini
[database]
PASSWD = «pw»
SSL_MODE = disable
[security]
SECRET_KEY = «key64»
INTERNAL_TOKEN = «jwt»
PASSWORD_HASH_ALGO = pbkdf2
MIN_PASSWORD_LENGTH = 8
[oauth2]
JWT_SECRET = «b64url43»
[session]
COOKIE_NAME = i_like_gitea
; password = not set
=== plist ios/App/Secrets.plist
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
	<key>CFBundleIdentifier</key>
	<string>io.acme.app</string>
	<key>APIKey</key>
	<string>«key40»</string>
	<key>ClientSecret</key>
	<string>«hex40»</string>
	<key>NSFaceIDUsageDescription</key>
	<string>Used instead of your password</string>
</dict>
</plist>
=== service-account firebase-adminsdk.json
{
  "type": "service_account",
  "project_id": "acme-prod",
  "private_key_id": "«!hex40»",
  "private_key": "«pem-escaped»",
  "client_email": "robot@acme-prod.iam.gserviceaccount.com",
  "client_id": "«!digits21»",
  "auth_uri": "https://accounts.google.com/o/oauth2/auth",
  "token_uri": "https://oauth2.googleapis.com/token"
}
=== google-client client_secret.json
{"web":{"client_id":"«!digits12»-q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6.apps.googleusercontent.com","project_id":"acme","token_uri":"https://oauth2.googleapis.com/token","client_secret":"«google-secret»","redirect_uris":["https://acme.io/cb"]}}
=== jenkins credentials.xml
<com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>
  <scope>GLOBAL</scope>
  <id>deploy</id>
  <username>deploy</username>
  <password>«pw»</password>
</com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>
<org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl>
  <id>«!uuid»</id>
  <description>GitHub token of the bot</description>
  <secret>«github»</secret>
</org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl>
=== tomcat conf/tomcat-users.xml
<tomcat-users>
  <role rolename="manager-gui"/>
  <user username="admin" password="«human»" roles="manager-gui,admin-gui"/>
</tomcat-users>
=== xml-config hibernate.cfg.xml
<hibernate-configuration>
  <session-factory>
    <property name="hibernate.connection.username">app</property>
    <property name="hibernate.connection.password">«pw»</property>
    <property name="show_sql">false</property>
  </session-factory>
</hibernate-configuration>
=== json-config config/default.json
{
  "port": 3000,
  "db": {"user": "app", "pass": "«pwx»", "name": "acme"},
  "session": {"secret": "«human»", "cookie": {"maxAge": 86400000}},
  "github": {"clientID": "«!hex20»", "clientSecret": "«hex40»", "callbackURL": "/auth/github/callback"},
  "webhook": "«discord-hook»",
  "teams": "«teams-hook»",
  "passwordReset": {"subject": "Reset your password", "template": "reset-password"},
  "tokenType": "Bearer",
  "apiKeyHeader": "x-api-key"
}
`
