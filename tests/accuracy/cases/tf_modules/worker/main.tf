variable "name" {}
variable "tags" {}

resource "aws_sqs_queue" "in" {
  name = "${var.name}-in"
}

resource "aws_lambda_function" "worker" {
  function_name = var.name
  tags          = var.tags
  environment {
    variables = {
      OPENAI_API_KEY_PARAMETER = "/${var.name}/openai"
      OPENAI_ENDPOINTS         = "/v1/responses"
      QUEUE                    = aws_sqs_queue.in.url
      STAGE                    = "prod"
    }
  }
}
