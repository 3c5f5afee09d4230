resource "aws_secretsmanager_secret" "openai" {
  name = "lindenhof/${var.environment}/letters-openai"
}

resource "aws_iam_role" "letters" {
  name               = "letters-${var.environment}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_lambda_function" "letters" {
  function_name = "letters-${var.environment}"
  role          = aws_iam_role.letters.arn
  package_type  = "Image"
  image_uri     = "111111111111.dkr.ecr.us-east-1.amazonaws.com/letters:4.2.0"

  environment {
    variables = {
      OPENAI_BASE_URL   = "https://api.openai.com/v1"
      OPENAI_ENDPOINT   = "https://api.openai.com/v1/responses"
      OPENAI_SECRET_ARN = aws_secretsmanager_secret.openai.arn
    }
  }
}
