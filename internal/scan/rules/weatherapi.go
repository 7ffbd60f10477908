package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var weatherAPI = []scan.Rule{{
	ID: "weatherapi-key", Title: "WeatherAPI key", Severity: scan.Low, Source: "https://www.weatherapi.com/docs/#intro-authentication",
	Keywords: append(append(names("weatherapi"), names("weather_api")...), names("weatherbit")...), Value: `[0-9a-f]{31,32}`, Entropy: 2.7,
}}
