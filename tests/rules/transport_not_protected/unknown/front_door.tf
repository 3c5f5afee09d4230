resource "aws_lambda_function" "letters" {
  function_name = "letters"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = { OPENAI_SECRET_NAME = aws_secretsmanager_secret.openai.name }
  }
}

resource "aws_secretsmanager_secret" "openai" {
  name = "clinic/openai"
}

resource "aws_api_gateway_rest_api" "letters" {
  name = "letters"
}

resource "aws_api_gateway_integration" "letters" {
  rest_api_id = aws_api_gateway_rest_api.letters.id
  uri         = aws_lambda_function.letters.invoke_arn
}

resource "aws_api_gateway_base_path_mapping" "letters" {
  api_id      = aws_api_gateway_rest_api.letters.id
  domain_name = aws_api_gateway_domain_name.letters.domain_name
}

resource "aws_api_gateway_domain_name" "letters" {
  domain_name     = "letters.clinic.example"
  security_policy = var.security_policy
}

variable "security_policy" {}
