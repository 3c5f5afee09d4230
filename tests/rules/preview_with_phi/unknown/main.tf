resource "azurerm_cognitive_account" "ai" {
  name                          = "clinic-ai"
  location                      = "eastus"
  resource_group_name           = "clinic"
  kind                          = "OpenAI"
  sku_name                      = "S0"
  custom_subdomain_name         = "clinic-ai"
  public_network_access_enabled = false
  local_auth_enabled            = false
}

resource "azurerm_cognitive_deployment" "notes" {
  name                 = "notes"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  model {
    format  = "OpenAI"
    name    = "gpt-9"
    version = "1"
  }
  sku {
    name = "Standard"
  }
}

resource "azurerm_linux_function_app" "notes" {
  name = "notes"
  tags = { DataClassification = "PHI" }
  app_settings = {
    AZURE_OPENAI_ENDPOINT   = azurerm_cognitive_account.ai.endpoint
    AZURE_OPENAI_DEPLOYMENT = azurerm_cognitive_deployment.notes.name
  }
}
