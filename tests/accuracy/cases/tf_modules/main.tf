locals {
  workers = {
    letters = { DataClassification = "PHI" }
    rota    = { Team = "care" }
  }
}

module "worker" {
  source   = "./worker"
  for_each = local.workers
  name     = each.key
  tags     = each.value
}

resource "aws_cloudwatch_log_group" "a" {
  for_each = toset(["a.b"])
  name     = "/aws/lambda/openai.letters"
}
