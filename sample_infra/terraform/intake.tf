# Fails: conversations keep what patients say until somebody deletes it, and no agreement covers them.
resource "aws_lambda_function" "intake" {
  function_name = "intake"
  role          = "arn:aws:iam::123456789012:role/intake"
  handler       = "app.handler"
  runtime       = "python3.13"

  environment {
    variables = {
      OPENAI_API_KEY_SECRET_ARN = aws_secretsmanager_secret.clinic_openai.arn
      OPENAI_BASE_URL           = "https://api.openai.com/v1/conversations"
    }
  }
}
