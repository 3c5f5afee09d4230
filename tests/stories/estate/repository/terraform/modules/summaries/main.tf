resource "aws_secretsmanager_secret" "summaries" {
  name = "lindenhof/${var.environment}/summaries-openai"
}

resource "aws_iam_role" "summaries" {
  name               = "summaries-${var.environment}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_lambda_function" "summaries" {
  function_name = "summaries-${var.environment}"
  role          = aws_iam_role.summaries.arn
  package_type  = "Image"
  image_uri     = "111111111111.dkr.ecr.us-east-1.amazonaws.com/summaries:1.9.3"

  environment {
    variables = {
      OPENAI_ENDPOINT   = "https://api.openai.com/v1/responses"
      OPENAI_SECRET_ARN = aws_secretsmanager_secret.summaries.arn
    }
  }
}
