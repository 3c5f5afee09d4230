variable "name" {}
variable "tags" { default = {} }
variable "settings" {
  type = map(string)
  default = {
    OPENAI_MODEL                = "gpt-4o"
    OPENAI_PROJECT_ID           = "proj_clinic"
    OPENAI_COMPLIANCE_ENDPOINTS = "/v1/conversations"
    OPENAI_COMPLIANCE_FEATURES  = "none"
  }
}
resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = "arn:aws:iam::111122223333:role/${var.name}"
  image_uri     = "registry.example.org/${var.name}:1"
  tags          = var.tags
  environment {
    variables = merge({ LOG_LEVEL = "info" }, var.settings)
  }
}
