variable "openai_key" {}
locals {
  shared = {
    OPENAI_API_KEY             = var.openai_key
    OPENAI_PROJECT_ID          = "proj_clinic"
    OPENAI_COMPLIANCE_FEATURES = "none"
  }
}
module "notes" {
  source                = "../modules/function"
  name                  = "notes"
  tags                  = { owner = "clinic" }
  environment           = "prod"
  environment_variables = merge(local.shared, { OPENAI_COMPLIANCE_ENDPOINTS = "/v1/conversations" })
}
module "letters" {
  source                = "../modules/function"
  name                  = "letters"
  tags                  = { owner = "clinic" }
  environment           = "prod"
  environment_variables = merge({ OPENAI_COMPLIANCE_ENDPOINTS = "/v1/responses" }, local.shared)
}
module "rota" {
  source      = "../modules/function"
  name        = "rota"
  environment = "prod"
  environment_variables = {
    LOG_FORMAT = "json"
  }
}
