package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var drone = []scan.Rule{
	{
		ID: "drone-token", Title: "Drone user token", Severity: scan.High,
		Source:   "https://docs.drone.io/api/overview/",
		Keywords: []string{"drone_token", "drone_server", "drone.io", "dronetoken"}, Value: `[0-9A-Za-z]{32}`, Entropy: 3.2,
	},
}
