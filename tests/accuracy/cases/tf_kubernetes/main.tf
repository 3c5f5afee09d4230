resource "kubernetes_secret" "llm" {
  metadata {
    name = "llm"
  }
  data = {
    OPENAI_API_KEY = var.openai_api_key
  }
}

variable "openai_api_key" {
  sensitive = true
}

resource "kubernetes_config_map_v1" "chat" {
  metadata {
    name = "chat"
  }
  data = {
    OPENAI_API_BASE_URLS = "https://api.openai.com/v1;http://ollama:11434/v1"
    "settings.yaml"      = yamlencode({ openai = { endpoint = "https://us.api.openai.com/v1" } })
  }
}

resource "kubernetes_deployment_v1" "chat" {
  metadata {
    name   = "chat"
    labels = { phi = "true" }
  }
  spec {
    template {
      spec {
        container {
          name = "app"
          env {
            name = "OPENAI_API_KEY"
            value_from {
              secret_key_ref {
                name = kubernetes_secret.llm.metadata[0].name
                key  = "OPENAI_API_KEY"
              }
            }
          }
          env {
            name  = "LOG_LEVEL"
            value = "info"
          }
        }
      }
    }
  }
}

resource "kubernetes_manifest" "backend" {
  manifest = {
    apiVersion = "core.k8sgpt.ai/v1alpha1"
    kind       = "K8sGPT"
    metadata   = { name = "k8sgpt", namespace = "ops" }
    spec = {
      ai = {
        backend = "openai"
        model   = "gpt-4o"
        secret  = { name = "llm", key = "openai-api-key" }
      }
    }
  }
}

resource "kubectl_manifest" "job" {
  yaml_body = <<-YAML
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: embed
    spec:
      template:
        spec:
          containers:
            - name: app
              env:
                - name: OPENAI_API_KEY
                  valueFrom:
                    secretKeyRef:
                      name: llm
                      key: OPENAI_API_KEY
  YAML
}
