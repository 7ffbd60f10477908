package rules

import (
	"bytes"
	"net/url"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const (
	azureStorage = "https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage"
	azureCASK    = "https://github.com/microsoft/security-utilities"
	azureBus     = "https://learn.microsoft.com/en-us/azure/service-bus-messaging/service-bus-sas"
	azureDevOps  = "https://learn.microsoft.com/en-us/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate"
)

// azure keys of today carry a signature of their service at a fixed place; the
// bits behind it are a checksum whose seed Microsoft keeps.
var azure = []scan.Rule{
	{
		ID: "azure-storage-key", Title: "Azure Storage account key", Severity: scan.Critical, Source: azureStorage,
		Keywords: []string{"+ast"}, Pattern: `[0-9A-Za-z+/]{76}\+ASt[0-9A-Za-z+/]{5}[AQgw]==`,
	},
	{
		ID: "azure-cosmos-key", Title: "Azure Cosmos DB account key", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/azure/cosmos-db/how-to-rotate-keys",
		Keywords: []string{"acdb"}, Pattern: `[0-9A-Za-z+/]{76}ACDb[0-9A-Za-z+/]{5}[AQgw]==`,
	},
	{
		ID: "azure-batch-key", Title: "Azure Batch account key", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/azure/batch/account-key-rotation",
		Keywords: []string{"+aba"}, Pattern: `[0-9A-Za-z+/]{76}\+ABa[0-9A-Za-z+/]{5}[AQgw]==`,
	},
	{
		ID: "azure-apim-key", Title: "Azure API Management key", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/azure/api-management/api-management-subscriptions",
		Keywords: []string{"apim"}, Pattern: `[0-9A-Za-z+/]{76}APIM[0-9A-Za-z+/]{5}[AQgw]==`,
	},
	{
		ID: "azure-messaging-key", Title: "Azure Service Bus, Event Hubs or Relay key", Severity: scan.Critical, Source: azureBus,
		Keywords: []string{"+asb", "+aeh", "+arm"}, Pattern: `[0-9A-Za-z+/]{33}\+A(?:Sb|Eh|Rm)[0-9A-Za-z+/]{6}=`,
	},
	{
		ID: "azure-iot-key", Title: "Azure IoT Hub, device or provisioning key", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/azure/iot-hub/authenticate-authorize-sas",
		Keywords: []string{"aiot"}, Pattern: `[0-9A-Za-z+/]{33}AIoT[0-9A-Za-z+/]{6}=`,
	},
	{
		ID: "azure-redis-key", Title: "Azure Cache for Redis key", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/azure/azure-cache-for-redis/cache-configure",
		Keywords: []string{"azca"}, Pattern: `[0-9A-Za-z+/]{33}AzCa[0-9A-Za-z+/]{6}=`,
	},
	{
		ID: "azure-event-grid-key", Title: "Azure Event Grid key", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/azure/event-grid/get-access-keys",
		Keywords: []string{"azeg"}, Pattern: `[0-9A-Za-z+/]{33}AZEG[0-9A-Za-z+/]{6}=`,
	},
	{
		ID: "azure-search-key", Title: "Azure AI Search key", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/azure/search/search-security-api-keys",
		Keywords: []string{"azse"}, Pattern: `[0-9A-Za-z]{42}AzSe[A-D][0-9A-Za-z]{5}`,
	},
	{
		ID: "azure-functions-key", Title: "Azure Functions access key", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/azure/azure-functions/function-keys-how-to",
		Keywords: []string{"azfu"}, Pattern: `[0-9A-Za-z_-]{44}AzFu[0-9A-Za-z_-]{5}[AQgw]==`,
	},
	{
		ID: "azure-container-registry-key", Title: "Azure Container Registry password", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/azure/container-registry/container-registry-authentication",
		Keywords: []string{"+acr"}, Pattern: `[0-9A-Za-z+/]{42}\+ACR[A-D][0-9A-Za-z+/]{5}`,
	},
	{
		ID: "azure-devops-pat", Title: "Azure DevOps personal access token", Severity: scan.Critical, Source: azureDevOps,
		Keywords: []string{"azdo"}, Pattern: `[0-9A-Za-z]{76}AZDO[0-9A-Za-z]{4}`,
	},
	{
		ID: "azure-devops-legacy-pat", Title: "Azure DevOps personal access token (before signatures)", Severity: scan.Critical, Source: azureDevOps,
		Keywords: []string{"azure_devops", "azuredevops", "ado_pat", "ado_token", "vsts", "dev.azure.com", "system_accesstoken", "pkgs.visualstudio.com"},
		Value:    `[2-7a-z]{52}`, Entropy: 3.5,
	},
	{
		ID: "azure-common-key", Title: "Azure key with the common signature", Severity: scan.Critical, Source: azureCASK,
		Keywords: []string{"jqqj9"}, Pattern: `[0-9A-Za-z]{52}JQQJ9[0-9A-Za-z]{27}`, Check: azureCommon,
	},
	{
		ID: "azure-client-secret", Title: "Microsoft Entra client secret", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/entra/identity-platform/how-to-add-credentials",
		Keywords: []string{"7q~", "8q~"}, Pattern: `[0-9A-Za-z_~.-]{3}[78]Q~[0-9A-Za-z_~.-]{31,34}`,
	},
	{
		ID: "azure-account-key", Title: "Azure account key of 64 bytes", Severity: scan.Critical, Source: azureStorage,
		Keywords: []string{"account_key", "accountkey", "storage_key", "azure_storage", "azurestorage", "cosmos", "azure_batch"},
		Value:    `[0-9A-Za-z+/]{86}==`, Entropy: 4.5, Generic: true,
	},
	{
		ID: "azure-connection-account-key", Title: "account key in an Azure connection string", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string",
		Keywords: []string{"accountkey="}, Pattern: `AccountKey=([0-9A-Za-z+/]{86}==)`, Check: azureUnsigned,
		Match: []string{"DefaultEndpointsProtocol=https;AccountName=store;AccountKey={};EndpointSuffix=core.windows.net\n", "AccountEndpoint=https://x.documents.azure.com:443/;AccountKey={};\n"},
	},
	{
		ID: "azure-connection-access-key", Title: "access key in an Azure connection string", Severity: scan.Critical, Source: azureBus,
		Keywords: []string{"accesskey="}, Pattern: `[Aa]ccess[Kk]ey=([0-9A-Za-z+/]{43}=|[0-9A-Za-z+/]{86}==|[0-9A-Za-z]{84})`, Check: azureUnsigned,
		Match: []string{"Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={};EntityPath=q\n", "endpoint=https://x.communication.azure.com/;accesskey={}\n"},
	},
	{
		ID: "azure-app-configuration", Title: "secret in an Azure App Configuration connection string", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/azure/azure-app-configuration/howto-disable-access-key-authentication",
		Keywords: []string{".azconfig.io;"}, Pattern: `\.azconfig\.io;Id=[0-9A-Za-z+/:-]{4,64};Secret=([0-9A-Za-z+/=]{40,100})`,
		Match: []string{"Endpoint=https://app.azconfig.io;Id=abCd-l0-s0:AbCdEf;Secret={}\n"},
	},
	{
		ID: "azure-shared-access-signature", Title: "Azure shared access signature", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/azure/storage/common/storage-sas-overview",
		Keywords: []string{"&sig=", "?sig="}, Pattern: `[&?]sig=([0-9A-Za-z%+/=_-]{43,100})`, Check: azureSignature,
		Match: []string{"https://store.blob.core.windows.net/box/file?sv=2022-11-02&se=2030-01-01&sr=b&sp=r&sig={}\n"},
	},
	{
		ID: "azure-cognitive-key", Title: "Azure AI services key", Severity: scan.High,
		Source: "https://learn.microsoft.com/en-us/azure/ai-services/authentication",
		Keywords: []string{
			"azure_openai", "azureopenai", "cognitive", "ocp-apim-subscription-key", "azure_speech", "speech_key", "bing_search", "azure_translator", "azure_maps",
		},
		Value: `[0-9a-f]{32}`, Entropy: 3,
	},
	{
		ID: "azure-publish-profile", Title: "password in an Azure publish profile", Severity: scan.Critical,
		Source:   "https://learn.microsoft.com/en-us/visualstudio/azure/how-to-get-publish-profile-from-azure-app-service",
		Keywords: []string{"userpwd="}, Pattern: `userPWD="([0-9A-Za-z]{60})"`,
		Match: []string{"<publishProfile publishMethod=\"MSDeploy\" userName=\"$app\" userPWD=\"{}\" />\n"},
	},
}

// azureUnsigned leaves keys with a signature to the rules that know whose it is.
func azureUnsigned(key []byte) (scan.Validity, string) {
	for _, at := range []struct {
		place int
		marks []string
	}{{76, []string{"+ASt", "ACDb", "+ABa", "APIM"}}, {33, []string{"+ASb", "+AEh", "+ARm", "AIoT", "AzCa", "AZEG"}}, {52, []string{"JQQJ"}}} {
		for _, m := range at.marks {
			if len(key) > at.place && bytes.HasPrefix(key[at.place:], []byte(m)) {
				return scan.Invalid, ""
			}
		}
	}
	return scan.Plausible, ""
}

// azureCommon names the service of a key with the common signature, and leaves
// Azure DevOps' to its own rule.
func azureCommon(key []byte) (scan.Validity, string) {
	service := string(key[76:80])
	return structured(service != "AZDO", "signature "+service)
}

// azureSignature holds for 32 bytes in base64, percent-encoded or not.
func azureSignature(signature []byte) (scan.Validity, string) {
	text, err := url.PathUnescape(string(signature))
	if err != nil {
		return scan.Invalid, ""
	}
	plain, ok := unbase64([]byte(text))
	return structured(ok && len(plain) == 32, "")
}
