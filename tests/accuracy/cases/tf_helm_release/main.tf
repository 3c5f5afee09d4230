locals {
  backends = ["https://api.openai.com/v1", "http://ollama:11434/v1"]
}

resource "helm_release" "webui" {
  name  = "webui"
  chart = "open-webui"
  values = [yamlencode({
    ingress = { enabled = true }
    extraEnvVars = [
      { name = "OPENAI_API_BASE_URLS", value = join(";", local.backends) },
      { name = "ENABLE_RAG", value = "true" },
    ]
    podLabels = { "contains-phi" = "true" }
  })]
}

resource "helm_release" "litellm" {
  name  = "litellm"
  chart = "litellm"
  values = [
    <<-EOT
    proxy_config:
      model_list:
        - model_name: chat
          litellm_params:
            model: openai/gpt-4o
            api_key: os.environ/OPENAI_API_KEY
        - model_name: own
          litellm_params:
            model: openai/llama
            api_base: http://vllm.models:8000/v1
    EOT
  ]
  set {
    name  = "environment.OPENAI_PROJECT_ID"
    value = "proj_notes"
  }
  set_sensitive {
    name  = "openai.apiKey"
    value = var.key
  }
}

resource "helm_release" "templated" {
  name   = "templated"
  chart  = "assistant"
  values = [templatefile("${path.module}/values.yaml.tftpl", { url = "https://eu.api.openai.com/v1", model = "gpt-4o-mini" })]
}

resource "helm_release" "from_file" {
  name   = "from-file"
  chart  = "assistant"
  values = [file("${path.module}/assistant.yaml")]
}

resource "helm_release" "monitoring" {
  name  = "monitoring"
  chart = "kube-prometheus-stack"
  values = [yamlencode({
    grafana = { dashboards = { openai = { title = "OpenAI spend" } } }
  })]
}

variable "key" {
  sensitive = true
}
