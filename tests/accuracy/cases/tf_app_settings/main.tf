resource "azurerm_cognitive_account" "llm" {
  name = "clinic-llm"
  kind = "OpenAI"
}

resource "azurerm_linux_web_app" "portal" {
  name = "portal"
  app_settings = {
    "AZURE_OPENAI_ENDPOINT"       = azurerm_cognitive_account.llm.endpoint
    "AZURE_OPENAI_API_KEY"        = "@Microsoft.KeyVault(SecretUri=https://clinic.vault.azure.net/secrets/llm/)"
    "AZURE_OPENAI_DEPLOYMENT"     = "gpt-4o"
    "Chat__OpenAIEndpoint"        = "https://clinic-llm.openai.azure.com/"
    "WEBSITE_RUN_FROM_PACKAGE"    = "1"
  }
  tags = {
    HIPAA = "true"
  }
}

resource "azurerm_linux_function_app" "names" {
  name = "names"
  app_settings = {
    AZURE_OPENAI_SERVICE = "clinic-llm"
    OPENAI_HOST          = "azure"
    AZURE_OPENAI_KEY_2   = "@Microsoft.KeyVault(VaultName=clinic;SecretName=llm-2)"
  }
}

resource "azurerm_windows_web_app" "quiet" {
  name = "quiet"
  app_settings = {
    AZURE_SEARCH_ENDPOINT = "https://clinic.search.windows.net"
    MESSAGE               = "Please be patient"
  }
}
