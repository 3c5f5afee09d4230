resource "aws_sfn_state_machine" "summaries" {
  name = "summaries"
  definition = jsonencode({
    StartAt = "Ask"
    States = {
      Ask = {
        Type     = "Task"
        Resource = "arn:aws:states:::http:invoke"
        Parameters = {
          ApiEndpoint = "https://api.openai.com/v1/chat/completions"
          Method      = "POST"
        }
        End = true
      }
    }
  })
}

resource "aws_sfn_state_machine" "written" {
  name       = "written"
  definition = <<JSON
{
  "StartAt": "Embed",
  "States": {
    "Embed": {
      "Type": "Task",
      "Resource": "arn:aws:states:::http:invoke",
      "Parameters": {
        "ApiEndpoint": "https://api.openai.com/v1/embeddings",
        "Method": "POST"
      },
      "End": true
    }
  }
}
JSON
}

resource "aws_cloudwatch_event_api_destination" "notes" {
  name                = "notes"
  invocation_endpoint = "https://api.openai.com/v1/responses"
  http_method         = "POST"
  connection_arn      = "arn"
}

resource "aws_api_gateway_integration" "proxy" {
  rest_api_id             = "a"
  integration_http_method = "POST"
  type                    = "HTTP_PROXY"
  uri                     = "https://api.openai.com/v1/{proxy}"
}

resource "aws_apigatewayv2_integration" "second" {
  api_id           = "a"
  integration_type = "HTTP_PROXY"
  integration_uri  = "https://us.api.openai.com/v1/responses"
}

resource "azurerm_api_management_backend" "llm" {
  name     = "llm"
  protocol = "http"
  url      = "https://clinic.openai.azure.com/openai"
}

resource "azurerm_api_management_api" "chat" {
  name        = "chat"
  service_url = "https://api.openai.com/v1"
}

resource "azurerm_logic_app_action_http" "ask" {
  name         = "ask"
  logic_app_id = "a"
  method       = "POST"
  uri          = "https://api.openai.com/v1/chat/completions"
}

resource "google_workflows_workflow" "ask" {
  name            = "ask"
  source_contents = <<-EOF
    main:
      steps:
        - call:
            call: http.post
            args:
              url: https://api.openai.com/v1/responses
              body:
                model: gpt-4o
  EOF
}

resource "google_cloud_scheduler_job" "nightly" {
  name = "nightly"
  http_target {
    uri         = "https://api.openai.com/v1/batches"
    http_method = "POST"
  }
}

resource "google_cloud_tasks_queue" "calls" {
  name = "calls"
  http_target {
    uri_override {
      host = "api.openai.com"
    }
  }
}

resource "aws_cloudfront_distribution" "edge" {
  origin {
    domain_name = "api.openai.com"
    origin_id   = "llm"
  }
}

resource "azurerm_cdn_frontdoor_origin" "llm" {
  name      = "llm"
  host_name = "clinic.openai.azure.com"
}

resource "aws_api_gateway_integration" "own" {
  uri = "https://models.example/openai/v1"
}

resource "aws_route53_record" "alias" {
  name    = "openai.clinic.example"
  records = ["models.clinic.example"]
}
