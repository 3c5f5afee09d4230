provider "aws" {
  region = "us-east-1"
}

resource "aws_secretsmanager_secret" "openai" {
  name = "marketing/openai"
}

resource "aws_lambda_function" "slogans" {
  function_name = "slogans"
  role          = "arn:aws:iam::444444444444:role/slogans"
  package_type  = "Image"
  image_uri     = "444444444444.dkr.ecr.us-east-1.amazonaws.com/slogans:1"

  environment {
    variables = {
      OPENAI_SECRET_ARN = aws_secretsmanager_secret.openai.arn
    }
  }
}
