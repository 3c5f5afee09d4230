resource "snowflake_network_rule" "llm" {
  name       = "LLM"
  mode       = "EGRESS"
  type       = "HOST_PORT"
  value_list = ["api.openai.com:443"]
}

resource "snowflake_function" "ask" {
  name      = "ASK"
  statement = <<-EOT
    import requests
    def ask(x):
        return requests.post("https://api.openai.com/v1/chat/completions", json=x)
  EOT
}

resource "google_bigquery_routine" "remote" {
  dataset_id = "notes"
  routine_id = "embed"
  remote_function_options {
    endpoint             = "https://api.openai.com/v1/embeddings"
    max_batching_rows    = "10"
    user_defined_context = { model = "text-embedding-3-small" }
  }
}

resource "azurerm_postgresql_flexible_server_configuration" "extensions" {
  name  = "azure.extensions"
  value = "AZURE_AI,VECTOR"
}

resource "postgresql_function" "azure_ai" {
  name = "setup"
  body = <<-EOT
    SELECT azure_ai.set_setting('azure_openai.endpoint', 'https://clinic.openai.azure.com');
  EOT
}

resource "postgresql_function" "pgai" {
  name = "embed"
  body = <<-EOT
    SELECT ai.openai_embed('text-embedding-3-small', content, api_key=>'none') FROM notes;
  EOT
}

resource "opensearch_ml_connector" "llm" {
  body = jsonencode({
    name       = "llm"
    protocol   = "http"
    parameters = { endpoint = "api.openai.com", model = "gpt-4o" }
    actions = [{
      action_type = "predict"
      method      = "POST"
      url         = "https://api.openai.com/v1/chat/completions"
    }]
  })
}
