variable "openai_key" {}
module "notes" {
  source      = "../modules/function"
  name        = "notes"
  tags        = { owner = "clinic" }
  environment = "prod"
  environment_variables = {
    OPENAI_API_KEY              = var.openai_key
    OPENAI_PROJECT_ID           = "proj_clinic"
    OPENAI_COMPLIANCE_ENDPOINTS = "/v1/responses"
    OPENAI_COMPLIANCE_FEATURES  = "none"
  }
}
module "letters" {
  source      = "../modules/function"
  name        = "letters"
  tags        = { owner = "clinic" }
  environment = "prod"
  environment_variables = {
    OPENAI_API_KEY              = var.openai_key
    OPENAI_PROJECT_ID           = "proj_clinic"
    OPENAI_COMPLIANCE_ENDPOINTS = "/v1/responses"
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
