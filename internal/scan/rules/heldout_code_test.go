package rules_test

// Programs.
const heldOutCode = `=== python app/storage.py
import boto3, os, requests
from openai import OpenAI

session = boto3.Session(aws_access_key_id="«?aws-id»", aws_secret_access_key="«aws-secret»")
client = boto3.client(
    "s3",
    aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
)
openai = OpenAI(api_key="«openai»")
conn = psycopg2.connect(host="db", user="app", password="«pwx»", dbname="app")
engine = create_engine("postgresql+psycopg2://app:«urlpw»@db:5432/app")
headers = {"Authorization": "Bearer «key40»", "Accept": "application/json"}
auth = requests.auth.HTTPBasicAuth("ci", "«pw»")
requests.get(url, auth=("ci", "«human»"))
HF_TOKEN = "«hf»"

def connect(user: str, password: str = None, token: Optional[str] = None) -> Client:
    """Connect with a password or a token.

    password: the user's password, such as "correct horse"
    """
    password = getpass.getpass("Password: ")
    if password == "":
        raise ValueError("password must not be empty")
    return Client(user=user, password=password, token=self.token, secret=settings.SECRET)

token_type = "bearer"
PASSWORD_FIELD = "id_password"
token = tokenizer.next_token()
key = "user:session:cache"
=== go cmd/app/main.go
package main

const (
	apiKey     = "«key40»"
	dbPassword = "«pwx»"
	tokenURL   = "https://login.acme.io/oauth/token"
	secretName = "app-credentials"
)

var cfg = &Config{
	Password:     "«human»",
	ClientSecret: "«hex40»",
	Token:        os.Getenv("TOKEN"),
	KeyID:        "«!hex20»",
	PasswordHint: "the usual",
}

func main() {
	creds := credentials.NewStaticCredentials("«?aws-id»", "«aws-secret»", "")
	db, err := sql.Open("mysql", "app:«urlpw»@tcp(db:3306)/app?parseTime=true")
	req.Header.Set("Authorization", "Bearer «jwt»")
	req.SetBasicAuth("ci", "«pw»")
	req.Header.Set("X-Api-Key", apiKey)
	flag.StringVar(&password, "password", "", "password of the user")
	if password == "" {
		log.Fatal("missing password")
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	signed, _ := token.SignedString([]byte("«key32»"))
}

func login(user, password string) (token string, err error) { return "", errNoPassword }
=== javascript src/index.js
const AWS = require('aws-sdk');
AWS.config.update({ accessKeyId: '«?aws-id»', secretAccessKey: '«aws-secret»', region: 'us-east-1' });
const stripe = require('stripe')('«stripe»');
const client = require('twilio')('«?twilio-sid»', '«hex32»');
const slack = new WebClient("«slack-bot»");
const config = {
  apiKey: process.env.API_KEY,
  apiSecret: '«key40»',
  password: process.env.DB_PASSWORD || '«human»',
  authDomain: 'acme.firebaseapp.com',
};
mongoose.connect('mongodb://app:«urlpw»@db:27017/app');
const token = jwt.sign({ id: user.id }, '«key24»', { expiresIn: '1h' });
app.use(session({ secret: '«human»', resave: false, saveUninitialized: true }));
axios.defaults.headers.common['Authorization'] = 'Bearer «key40»';
const pool = mysql.createPool({ host: 'db', user: 'root', password: '«pwx»' });
const password = document.getElementById('password').value;
const { token: accessToken, secret } = await login(email, password);
const labels = { password: 'Password', forgotPassword: 'Forgot your password?', secretKey: 'Secret key' };
const ACTION = { SET_TOKEN: 'auth/setToken', RESET_PASSWORD: 'RESET_PASSWORD' };
localStorage.setItem('access_token', accessToken);
<input type="password" name="password" placeholder="Enter password" autocomplete="current-password" />
=== typescript src/auth.ts
export interface Credentials { username: string; password: string; apiKey?: string; }
export const environment = {
  production: true,
  apiKey: '«key40»',
  clientSecret: "«hex40»",
  firebase: { apiKey: '«?google-api»', appId: '1:123456789012:web:abc123' },
};
const openai = new OpenAI({ apiKey: "«openai-project»" });
const anthropic = new Anthropic({ apiKey: '«anthropic»' });
export class LoginForm {
  password: FormControl<string> = new FormControl('', [Validators.required]);
  readonly TOKEN_KEY = 'auth_token';
  private secret: string = this.config.get('JWT_SECRET');
  constructor(private readonly token: TokenService) {}
}
export enum TokenType { Access = 'access_token', Refresh = 'refresh_token' }
type PasswordStrength = 'weak' | 'medium' | 'strong';
const passwordRegex = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z\d@$!%*?&]{8,}$/;
=== java src/main/java/io/acme/Db.java
package io.acme;

public class Db {
    private static final String PASSWORD = "«pwx»";
    private static final String API_KEY = "«key40»";
    private static final String PASSWORD_PARAM = "j_password";
    public static final String TOKEN_HEADER = "X-Auth-Token";
    @Value("${app.secret}") private String secret;

    Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:mysql://db/app", "app", "«human»");
    }

    void configure() {
        ds.setPassword("«pw»");
        props.put("mail.smtp.password", "«human»");
        props.setProperty("javax.net.ssl.trustStorePassword", "«pw»");
        BasicAWSCredentials c = new BasicAWSCredentials("«?aws-id»", "«aws-secret»");
        SecretKeySpec k = new SecretKeySpec("«key32»".getBytes(), "AES");
        request.setHeader("Authorization", "Basic «basic»");
        String password = request.getParameter("password");
        user.setPassword(encoder.encode(password));
        throw new IllegalArgumentException("Password must have at least 8 characters");
    }
}
=== kotlin app/Api.kt
object Api {
    const val API_KEY = "«key40»"
    private const val CLIENT_SECRET: String = "«hex40»"
    const val EXTRA_TOKEN = "io.acme.extra.TOKEN"
    val password: String by lazy { prefs.getString("password", "") ?: "" }
    fun login(user: String, password: String): Token = service.login(user, password)
    val props = mapOf("storePassword" to "«pw»", "alias" to "upload")
}
=== csharp Services/Mail.cs
public class Mail
{
    private const string SmtpPassword = "«pwx»";
    public string Password { get; set; } = string.Empty;
    public string ApiKey { get; set; } = "«key40»";
    private readonly string _conn = @"Server=db;Database=app;User Id=sa;Password=«human»;";
    void Send()
    {
        client.Credentials = new NetworkCredential("mailer", "«pw»");
        var sendgrid = new SendGridClient("«sendgrid»");
        var cred = new ClientSecretCredential("«!uuid»", "«!uuid»", "«azure-client»");
        services.Configure<IdentityOptions>(o => o.Password.RequireDigit = true);
        if (string.IsNullOrEmpty(password)) throw new ArgumentNullException(nameof(password));
        var token = await GetTokenAsync(cancellationToken: cancellationToken);
    }
}
=== php src/Db.php
<?php
$password = '«pwx»';
$db = new PDO('mysql:host=db;dbname=app', 'app', '«human»');
$link = mysqli_connect("db", "root", "«pw»", "app");
$config['encryption_key'] = '«key32»';
$apiKey = getenv('API_KEY');
define('API_SECRET', '«key40»');
$s3 = new S3Client(['credentials' => ['key' => '«?aws-id»', 'secret' => '«aws-secret»']]);
$password = $_POST['password'];
$hash = '«!bcrypt»';
const TOKEN_NAME = 'csrf_token';
curl_setopt($ch, CURLOPT_USERPWD, "ci:«pw»");
=== ruby lib/client.rb
class Client
  API_KEY = '«key40»'.freeze
  PASSWORD = ENV.fetch('PASSWORD')
  Aws.config.update(credentials: Aws::Credentials.new('«?aws-id»', '«aws-secret»'))
  Stripe.api_key = '«stripe»'
  conn = PG.connect(host: 'db', user: 'app', password: '«pwx»')
  options = { :password => "«human»", :token => params[:token] }
  validates :password, presence: true, length: { minimum: 8 }
  has_secure_password
  let(:token) { create(:token) }
end
=== rust src/main.rs
const API_KEY: &str = "«key40»";
static DB_PASSWORD: &'static str = "«pwx»";
const TOKEN_PREFIX: &str = "tok_";
fn main() {
    let password = String::from("«human»");
    let creds = Credentials::new("«?aws-id»", "«aws-secret»", None, None, "static");
    let client = reqwest::Client::new().get(url).bearer_auth("«key40»");
    let secret = env::var("SECRET").expect("SECRET must be set");
    let token: Token = lexer.next_token()?;
}
=== swift App/Api.swift
struct Api {
    static let apiKey = "«key40»"
    let clientSecret: String = "«hex40»"
    @State private var password = ""
    static let tokenKey = "io.acme.token"
    func login() { request.setValue("Bearer «jwt»", forHTTPHeaderField: "Authorization") }
    let placeholder = NSLocalizedString("Enter your password", comment: "")
}
=== dart lib/config.dart
const String apiKey = '«key40»';
final dbPassword = "«human»";
static const secret = String.fromEnvironment('SECRET');
TextField(obscureText: true, decoration: InputDecoration(labelText: 'Password'));
final headers = {'Authorization': 'Bearer «key40»'};
=== elixir config/prod.exs
import Config
config :app, AppWeb.Endpoint,
  url: [host: "acme.io", port: 443],
  secret_key_base: "«key64»",
  live_view: [signing_salt: "«?key8»"]
config :app, App.Repo,
  username: "app",
  password: "«pwx»",
  database: "app_prod"
config :app, App.Mailer, api_key: System.get_env("MAIL_KEY")
config :phoenix, :filter_parameters, ["password", "secret"]
=== scala build.sbt
credentials += Credentials("Nexus", "nexus.acme.internal", "ci", "«pw»")
val apiKey: String = "«key40»"
val password = sys.env.getOrElse("PASSWORD", "")
case class Login(user: String, password: String)
=== cpp src/wifi.ino
#include <WiFi.h>
const char* ssid = "acme-guest";
const char* password = "«human»";
#define API_KEY "«key40»"
#define MQTT_PASSWORD "«pw»"
#define MAX_PASSWORD_LEN 64
static const char *token_names[] = { "identifier", "number" };
char password[64] = {0};
int check_password(const char *password, size_t len);
=== perl tools/report.pl
my $dbh = DBI->connect("dbi:mysql:app", "root", "«pw»");
my $password = '«pwx»';
my %args = (password => $opt{password}, token => '«key40»');
=== r analysis.R
Sys.setenv(OPENAI_API_KEY = "«openai»")
con <- dbConnect(RPostgres::Postgres(), user = "app", password = "«pw»")
api_key <- "«key40»"
token <- Sys.getenv("TOKEN")
=== lua nginx/auth.lua
local secret = "«key32»"
local ok, err = red:auth("«pw»")
local token = ngx.var.arg_token
=== graphql-js client/apollo.js
export const client = new GraphQLClient(url, { headers: { 'x-hasura-admin-secret': '«key32»', authorization: 'Bearer ' + token } });
=== objective-c App/Keys.m
static NSString * const kApiSecret = @"«key40»";
NSString *password = @"«human»";
NSString *const kPasswordKey = @"password";
=== groovy deploy.groovy
def password = '«pw»'
def token = System.getenv('TOKEN')
nexus { username 'ci'; password '«pw»' }
=== jupyter analysis.ipynb
{"cells": [{"cell_type": "code", "source": [
  "import openai\n",
  "openai.api_key = \"«openai»\"\n",
  "os.environ[\"HF_TOKEN\"] = \"«hf»\"\n",
  "conn = connect(user='app', password='«pw»')\n",
  "password = getpass()\n"],
 "outputs": [{"data": {"image/png": "«!base64-image»"}}]}]}
=== sql db/setup.sql
CREATE USER 'app'@'%' IDENTIFIED BY '«pw»';
CREATE USER reporting WITH PASSWORD '«human»';
ALTER USER postgres PASSWORD '«pwx»';
ALTER ROLE app WITH LOGIN ENCRYPTED PASSWORD '«pw»';
GRANT ALL ON app.* TO 'app'@'%' IDENTIFIED BY '«human»';
CREATE LOGIN app WITH PASSWORD = '«pw»';
SET PASSWORD FOR 'root'@'localhost' = PASSWORD('«pw»');
INSERT INTO users (name, password_hash) VALUES ('admin', '«!bcrypt»');
CREATE TABLE users (id uuid PRIMARY KEY, password varchar(255) NOT NULL, reset_token text);
COMMENT ON COLUMN users.password IS 'hashed with bcrypt';
SELECT token, secret FROM sessions WHERE password = $1;
=== mongo-js init-mongo.js
db.createUser({ user: 'app', pwd: '«pw»', roles: [{ role: 'readWrite', db: 'app' }] });
db.auth('root', '«human»');
`
