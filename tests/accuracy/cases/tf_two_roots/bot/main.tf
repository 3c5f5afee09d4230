resource "aws_lambda_function" "bot" {
  function_name = "bot"
  environment {
    variables = {
      OPENAI_ORG_ID = "org-bot"
      BUCKET        = "letters"
    }
  }
}
