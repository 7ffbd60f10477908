package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var sumoLogic = []scan.Rule{{
	ID: "sumologic-access-key", Title: "Sumo Logic access key", Severity: scan.High, Source: "https://help.sumologic.com/docs/manage/security/access-keys/",
	Keywords: append(names("sumologic"), append(names("sumo_logic"), names("sumo", "access_key", "api")...)...), Value: `[0-9A-Za-z]{64}`, Entropy: 3.7,
}}
