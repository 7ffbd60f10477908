package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var ibm = []scan.Rule{
	{
		ID: "ibm-cloud-api-key", Title: "IBM Cloud API key", Severity: scan.Critical,
		Source:   "https://cloud.ibm.com/docs/account?topic=account-userapikey",
		Keywords: []string{"ibm_cloud", "ibmcloud", "ibm_api", "bluemix", "watson", "iam_apikey"}, Value: `[0-9A-Za-z_-]{44}`, Entropy: 4,
	},
}
