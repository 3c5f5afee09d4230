resource "aws_ssm_parameter" "key" {
  name  = "/assistant/openai-api-key"
  type  = "SecureString"
  value = var.value
}

resource "aws_secretsmanager_secret" "credentials" {
  name = "openai-credentials"
}

resource "aws_secretsmanager_secret_version" "both" {
  secret_id = aws_secretsmanager_secret.mixed.id
  secret_string = jsonencode({
    OPENAI_API_KEY = var.value
    DB_PASSWORD    = var.value
  })
}

resource "aws_secretsmanager_secret" "mixed" {
  name = "assistant/all"
}

resource "azurerm_key_vault_secret" "llm" {
  name         = "azure-openai-key"
  value        = var.value
  key_vault_id = "vault"
}

resource "google_secret_manager_secret" "llm" {
  secret_id = "openai-api-key"
}

resource "aws_ssm_parameter" "quiet" {
  name  = "/assistant/database"
  type  = "SecureString"
  value = var.value
}

variable "value" {
  sensitive = true
}
