# OpenAI's own provider: the projects, and what their keys may do.
provider "openai" {}

resource "openai_project" "clinic" {
  name      = "clinic"
  geography = "US"
}

resource "openai_project_data_retention" "clinic" {
  project_id = openai_project.clinic.id
  type       = "zero_data_retention"
}

resource "openai_project_hosted_tool_permissions" "clinic" {
  project_id               = openai_project.clinic.id
  web_search_enabled       = false
  mcp_enabled              = false
  code_interpreter_enabled = false
  file_search_enabled      = false
  image_generation_enabled = false
}

# The research assistant's project: nothing here keeps it from searching the web.
resource "openai_project" "research" {
  name = "research"
}

resource "openai_project_data_retention" "research" {
  project_id = openai_project.research.id
  type       = "zero_data_retention"
}

resource "openai_project" "sandbox" {
  name = "sandbox"
}

resource "openai_project_data_retention" "sandbox" {
  project_id = openai_project.sandbox.id
  type       = "none"
}
