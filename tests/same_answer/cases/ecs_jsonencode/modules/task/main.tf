variable "name" {}
variable "tags" { default = {} }
variable "environment" { default = "dev" }
variable "environment_variables" {
  type    = map(string)
  default = {}
}
resource "aws_ecs_task_definition" "this" {
  family = var.name
  tags   = var.tags
  container_definitions = jsonencode([{
    name        = var.name
    image       = "registry.example.org/${var.name}:1"
    environment = [for k, v in var.environment_variables : { name = k, value = v }]
  }])
}
