variable "name" {}
variable "tags" { default = {} }
variable "environment" { default = "dev" }
variable "environment_variables" { default = {} }
module "worker" {
  source                = "../function"
  name                  = "${var.name}-worker"
  tags                  = var.tags
  environment           = var.environment
  environment_variables = merge({ QUEUE = var.name }, var.environment_variables)
}
