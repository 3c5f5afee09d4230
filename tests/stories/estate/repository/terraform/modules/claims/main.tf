resource "aws_sqs_queue" "claims" {
  name                    = "claims-${var.environment}"
  sqs_managed_sse_enabled = true
}

resource "aws_cloudwatch_event_connection" "openai" {
  name               = "openai-${var.environment}"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "Authorization"
      value = "filled by the pipeline"
    }
  }
}

resource "aws_sfn_state_machine" "batch" {
  count    = var.batch ? 1 : 0
  name     = "claims-batch-${var.environment}"
  role_arn = "arn:aws:iam::333333333333:role/claims-batch"

  definition = jsonencode({
    StartAt = "Code"
    States = {
      Code = {
        Type     = "Task"
        Resource = "arn:aws:states:::http:invoke"
        Parameters = {
          ApiEndpoint    = "https://api.openai.com/v1/batches"
          Method         = "POST"
          Authentication = { ConnectionArn = aws_cloudwatch_event_connection.openai.arn }
        }
        End = true
      }
    }
  })
}
