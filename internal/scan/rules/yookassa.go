package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var yooKassa = []scan.Rule{{
	ID: "yookassa-secret-key", Title: "YooKassa secret key", Severity: scan.Critical, Source: "https://yookassa.ru/developers/using-api/interaction-format#auth",
	Keywords: []string{"yookassa", "yoomoney", "yoo_", "shopid", "shop_id"}, Pattern: `((?:live|test)_[0-9A-Za-z_-]{43})`, Entropy: 3.8,
	Match: []string{"YOOKASSA_SECRET_KEY={}\n", "shopId: 100500\nsecretKey: {}\n"}, Miss: []string{"KEY={}\n"},
}}
