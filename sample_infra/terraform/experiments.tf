# Fails: its key belongs to the sandbox, whose retention control is switched off in openai.tf.
resource "aws_lambda_function" "experiments" {
  function_name = "experiments"
  role          = "arn:aws:iam::123456789012:role/experiments"
  handler       = "app.handler"
  runtime       = "python3.13"

  environment {
    variables = {
      OPENAI_API_KEY_SECRET_ARN = aws_secretsmanager_secret.sandbox_openai.arn
      OPENAI_ALLOWED_ENDPOINTS  = "/v1/responses"
    }
  }
}
