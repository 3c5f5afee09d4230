variable "openai_key" {}
module "notes" {
  source      = "../modules/function"
  name        = "notes"
  tags        = { data-classification = "phi" }
  environment = "prod"
  environment_variables = {
    OPENAI_API_KEY              = var.openai_key
    OPENAI_PROJECT_ID           = "proj_clinic"
    OPENAI_COMPLIANCE_ENDPOINTS = "/v1/conversations"
    OPENAI_COMPLIANCE_FEATURES  = "none"
  }
}
