resource "azurerm_cognitive_account" "llm" {
  name  = "clinic"
  kind  = "OpenAI"
  fqdns = ["api.openai.com", "storage.example"]
}

resource "azurerm_cognitive_account" "services" {
  name = "clinic-ai"
  kind = "AIServices"
}

resource "azurerm_cognitive_deployment" "chat" {
  name                 = "chat"
  cognitive_account_id = azurerm_cognitive_account.llm.id
  model {
    format = "OpenAI"
    name   = "gpt-4o"
  }
}

resource "azurerm_cognitive_account" "speech" {
  name = "speech"
  kind = "SpeechServices"
}

resource "azurerm_private_dns_zone" "openai" {
  name = "privatelink.openai.azure.com"
}

resource "azurerm_private_endpoint" "openai" {
  name = "pe-openai"
}

resource "azurerm_monitor_metric_alert" "openai" {
  name        = "openai-throttled"
  description = "https://clinic.openai.azure.com is throttled"
}

resource "azurerm_role_assignment" "user" {
  role_definition_name = "Cognitive Services OpenAI User"
}
