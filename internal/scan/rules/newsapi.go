package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var newsAPI = []scan.Rule{{
	ID: "newsapi-key", Title: "News API key", Severity: scan.Low, Source: "https://newsapi.org/docs/authentication",
	Keywords: append(names("newsapi"), names("news_api")...), Value: `[0-9a-f]{32}`, Entropy: 2.7,
}}
