resource "aws_lambda_function" "notes" {
  function_name = "notes-${var.environment}"
  role          = "arn:aws:iam::111111111111:role/notes"
  package_type  = "Image"
  image_uri     = "111111111111.dkr.ecr.us-east-1.amazonaws.com/notes:0.3.0"

  environment {
    variables = {
      OPENAI_ENDPOINT = "https://api.openai.com/v1/responses"
      OPENAI_API_KEY  = var.openai_key
    }
  }
}
