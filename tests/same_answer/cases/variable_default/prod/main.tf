variable "openai_key" {}
module "notes" {
  source = "../modules/function"
  name   = "notes"
  tags   = { data-classification = "phi" }
}
module "letters" {
  source = "../modules/function"
  name   = "letters"
  tags   = { data-classification = "phi" }
  settings = {
    OPENAI_API_KEY              = var.openai_key
    OPENAI_PROJECT_ID           = "proj_clinic"
    OPENAI_COMPLIANCE_ENDPOINTS = "/v1/responses"
    OPENAI_COMPLIANCE_FEATURES  = "none"
  }
}
module "rota" {
  source = "../modules/function"
  name   = "rota"
  settings = {
    LOG_FORMAT = "json"
  }
}
