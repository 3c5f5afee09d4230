resource "openai_organization_data_retention" "org" {
  type           = "modified_abuse_monitoring"
}

resource "openai_project" "clinic" {
  name      = "clinic"
  geography = "us"
}

resource "openai_project_data_retention" "clinic" {
  project_id     = openai_project.clinic.id
  type           = "zero_data_retention"
}

resource "openai_project_data_retention" "research" {
  project_id     = "proj_research"
  type           = "organization_default"
}

resource "openai_project_hosted_tool_permissions" "clinic" {
  project_id               = openai_project.clinic.id
  web_search_enabled       = false
  mcp_enabled              = false
  code_interpreter_enabled = true
}

resource "openai_project_model_permissions" "clinic" {
  project_id = openai_project.clinic.id
  mode       = "allow_list"
  model_ids  = ["gpt-4o", "gpt-4o-mini"]
}

resource "aws_lambda_function" "claims" {
  function_name = "claims"
  environment {
    variables = {
      OPENAI_API_KEY                      = data.aws_ssm_parameter.key.value
      OPENAI_BAA_SIGNED                   = "yes"
      OPENAI_MODIFIED_RETENTION_CONFIRMED = "confirmed"
    }
  }
}

data "aws_ssm_parameter" "key" {
  name = "/claims/key"
}
