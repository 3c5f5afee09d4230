notes = {
  OPENAI_MODEL                = "gpt-4o"
  OPENAI_PROJECT_ID           = "proj_clinic"
  OPENAI_COMPLIANCE_ENDPOINTS = "/v1/conversations"
  OPENAI_COMPLIANCE_FEATURES  = "none"
}
