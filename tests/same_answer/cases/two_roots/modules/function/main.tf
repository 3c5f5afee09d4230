variable "name" {}
variable "tags" { default = {} }
variable "environment" { default = "dev" }
variable "environment_variables" {
  type    = map(string)
  default = {}
}
resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = "arn:aws:iam::111122223333:role/${var.name}"
  image_uri     = "registry.example.org/${var.name}:1"
  tags          = var.tags
  environment {
    variables = merge({ LOG_LEVEL = "info", STAGE = var.environment }, var.environment_variables)
  }
}
