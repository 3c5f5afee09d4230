variable "openai_key" {}
locals {
  functions = {
    notes   = { class = "phi", endpoint = "/v1/conversations" }
    letters = { class = "phi", endpoint = "/v1/responses" }
  }
}
module "each" {
  source      = "../modules/function"
  for_each    = local.functions
  name        = each.key
  tags        = { data-classification = each.value.class }
  environment = "prod"
  environment_variables = {
    OPENAI_API_KEY              = var.openai_key
    OPENAI_PROJECT_ID           = "proj_clinic"
    OPENAI_COMPLIANCE_ENDPOINTS = each.value.endpoint
    OPENAI_COMPLIANCE_FEATURES  = "none"
  }
}
module "rota" {
  source      = "../modules/function"
  name        = "rota"
  environment = "prod"
  environment_variables = {
    LOG_FORMAT = "json"
  }
}
