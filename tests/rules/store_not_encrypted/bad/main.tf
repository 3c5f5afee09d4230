resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = {
      OPENAI_SECRET_NAME = aws_secretsmanager_secret.openai.name
      TABLE              = aws_db_instance.prompts.address
    }
  }
}

resource "aws_secretsmanager_secret" "openai" {
  name = "clinic/openai"
}

resource "aws_db_instance" "prompts" {
  identifier = "prompts"
}
