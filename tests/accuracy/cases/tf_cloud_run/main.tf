variable "env" {
  type = map(string)
}

variable "secrets" {
  type    = map(string)
  default = {}
}

resource "google_cloud_run_v2_service" "triage" {
  name   = "triage-api"
  labels = { "data-classification" = "phi" }
  template {
    containers {
      image = "registry.example/triage:1"
      dynamic "env" {
        for_each = var.env
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = var.secrets
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
          }
        }
      }
    }
  }
}

resource "google_cloudfunctions2_function" "built" {
  name = "built"
  service_config {
    environment_variables = { for k, v in var.env : upper(k) => v }
  }
}
