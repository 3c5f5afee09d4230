resource "azurerm_private_dns_zone" "openai" {
  name = "privatelink.openai.azure.com"
}

resource "azurerm_private_dns_zone" "each" {
  for_each = toset(["privatelink.openai.azure.com", "privatelink.blob.core.windows.net"])
  name     = each.value
}

resource "aws_cloudwatch_metric_alarm" "openai" {
  alarm_name        = "openai-errors"
  alarm_description = "api.openai.com answers with errors"
}

resource "aws_cloudwatch_dashboard" "openai" {
  dashboard_name = "openai"
  dashboard_body = jsonencode({ title = "OPENAI_API_KEY usage at https://api.openai.com/v1" })
}

resource "datadog_monitor" "openai" {
  name    = "OpenAI latency"
  message = "https://api.openai.com/v1 is slow"
}

resource "aws_cloudwatch_log_group" "openai" {
  name = "/clinic/openai"
}

resource "aws_ecr_repository" "openai" {
  name = "openai-proxy"
}

resource "aws_iam_role" "openai" {
  name = "openai-caller"
}

resource "aws_ecs_task_definition" "phi4" {
  family = "slm"
  container_definitions = jsonencode([{
    name        = "slm"
    image       = "registry.example/phi-4:latest"
    environment = [{ name = "MODEL", value = "microsoft/phi-4" }]
  }])
}

resource "cassandra_keyspace" "detector" {
  name = "detector"
  settings = {
    phi_convict_threshold = "8"
  }
}

output "openai_endpoint" {
  value = "https://api.openai.com/v1"
}

resource "aws_s3_bucket" "described" {
  bucket = "described"
  tags = {
    Description = "Not for PHI; see the OpenAI guide"
    Runbook     = "https://platform.openai.com/docs"
  }
}

resource "aws_lambda_function" "other_vendor" {
  function_name = "other-vendor"
  environment {
    variables = {
      ANTHROPIC_API_KEY = "from-a-vault"
      LLM_URL           = "https://inference.example/openai/v1"
    }
  }
}
