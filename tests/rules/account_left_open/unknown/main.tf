variable "public" {
  type = bool
}

resource "azurerm_cognitive_account" "ai" {
  name                          = "clinic-ai"
  location                      = "eastus"
  resource_group_name           = "clinic"
  kind                          = "OpenAI"
  sku_name                      = "S0"
  custom_subdomain_name         = "clinic-ai"
  public_network_access_enabled = var.public
  local_auth_enabled            = false
}

resource "azurerm_cognitive_deployment" "notes" {
  name                 = "notes"
  cognitive_account_id = azurerm_cognitive_account.ai.id
  model {
    format  = "OpenAI"
    name    = "gpt-4o"
    version = "2024-11-20"
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
