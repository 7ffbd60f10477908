package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var wordPress = []scan.Rule{{
	ID: "wordpress-salt", Title: "WordPress key or salt", Severity: scan.High, Source: "https://developer.wordpress.org/advanced-administration/wordpress/wp-config/#security-keys",
	Keywords: []string{"auth_key", "logged_in_key", "nonce_key", "auth_salt", "logged_in_salt", "nonce_salt"},
	Pattern:  `define\(\s*['"](?:SECURE_)?(?:AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)['"]\s*,\s*['"]([ -&(-~]{32,80})['"]\s*\)`, Inside: true, Entropy: 3.5,
	Match: []string{"define( 'AUTH_KEY',         '{}' );\n", "define('SECURE_AUTH_SALT','{}');"},
	Miss:  []string{"define( 'AUTH_KEY', getenv('AUTH_KEY') );\n"},
}, {
	ID: "wordpress-db-password", Title: "WordPress database password", Severity: scan.Critical, Source: "https://developer.wordpress.org/advanced-administration/wordpress/wp-config/#configure-database-settings",
	Keywords: []string{"db_password"}, Pattern: `define\(\s*['"]DB_PASSWORD['"]\s*,\s*['"]([^'"\s]{4,100})['"]\s*\)`, Inside: true,
	Match: []string{"define( 'DB_PASSWORD', '{}' );\n"}, Miss: []string{"define( 'DB_PASSWORD', getenv('DB_PASSWORD') );\n"},
}}
