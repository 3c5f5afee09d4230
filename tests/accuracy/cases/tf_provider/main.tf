terraform {
  required_providers {
    openai = {
      source = "mkdev-me/openai"
    }
  }
}

provider "openai" {
  api_key = var.openai_api_key
}

variable "openai_api_key" {
  sensitive = true
}

resource "openai_file" "visits" {
  file    = "visits.jsonl"
  purpose = "fine-tune"
}

resource "openai_fine_tuning_job" "visits" {
  model         = "gpt-4o-mini-2024-07-18"
  training_file = openai_file.visits.id
}

resource "openai_vector_store" "letters" {
  name = "letters"
}

resource "openai_assistant" "helper" {
  model = "gpt-4o"
  name  = "helper"
}

resource "openai_rate_limit" "chat" {
  project_id = "proj_a"
  model      = "gpt-4o"
}
