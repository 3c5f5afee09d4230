provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = local.tags
  }
}

locals {
  tags = {
    Compliance = "HIPAA"
    Team       = "care"
  }
}

resource "aws_lambda_function" "inherits" {
  function_name = "inherits"
  environment {
    variables = {
      OPENAI_ORG_ID = "org-clinic"
    }
  }
}

resource "aws_sqs_queue" "own" {
  name = "letters"
}
