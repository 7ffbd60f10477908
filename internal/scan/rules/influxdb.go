package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var influxDB = []scan.Rule{
	{
		ID: "influxdb-token", Title: "InfluxDB API token", Severity: scan.Critical,
		Source:   "https://docs.influxdata.com/influxdb/v2/admin/tokens/",
		Keywords: []string{"influx"}, Value: `[0-9A-Za-z_-]{86}==`, Entropy: 4,
	},
}
