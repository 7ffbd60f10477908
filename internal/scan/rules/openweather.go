package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var openWeather = []scan.Rule{{
	ID: "openweather-url-key", Title: "OpenWeather API key in an address", Severity: scan.Low, Source: "https://openweathermap.org/appid",
	Keywords: []string{"appid="}, Pattern: `(?i)[?&]appid=([0-9a-f]{32})`, Entropy: 2.7, Inside: true,
	Match: []string{"https://api.openweathermap.org/data/2.5/weather?q=Bern&appid={}\n"}, Miss: []string{"?appid=${KEY}\n"},
}, {
	ID: "openweather-api-key", Title: "OpenWeather API key", Severity: scan.Low, Source: "https://openweathermap.org/appid",
	Keywords: []string{"openweather", "open_weather", "owm_api", "owm_key"}, Value: `[0-9a-f]{32}`, Entropy: 2.7,
}}
