variable "region" { default = "us-east-1" }

variable "image_tag" {
  type = string
}

resource "aws_secretsmanager_secret" "llm" {
  name = "clinic/llm"
}

resource "aws_ecs_task_definition" "encoded" {
  family = "notes"
  container_definitions = jsonencode([
    {
      name  = "app"
      image = "registry.example/notes:${var.image_tag}"
      environment = [
        { name = "LOG_LEVEL", value = "info" },
        { name = "OPENAI_BASE_URL", value = "https://us.api.openai.com/v1" },
        {
          name  = "OPENAI_MODEL"
          value = "gpt-4o-mini"
        },
        { name = "OPENAI_ZDR_ENABLED", value = "true" },
      ]
      secrets = [
        { name = "OPENAI_API_KEY", valueFrom = "${aws_secretsmanager_secret.llm.arn}:OPENAI_API_KEY::" }
      ]
    },
    {
      name        = "sidecar"
      image       = "registry.example/metrics:1"
      environment = [{ name = "PORT", value = "9090" }]
    }
  ])
  tags = {
    DataClassification = "PHI"
  }
}

resource "aws_ecs_task_definition" "heredoc" {
  family                = "letters"
  container_definitions = <<DEFINITION
[
  {
    "name": "app",
    "image": "registry.example/letters:${var.image_tag}",
    "environment": [
      {"name": "AWS_REGION", "value": "${var.region}"},
      {"name": "OPENAI_API_BASE", "value": "https://api.openai.com/v1"},
      {"name": "OPENAI_ORG_ID", "value": "org-letters"}
    ],
    "secrets": [
      {"name": "OPENAI_API_KEY", "valueFrom": "${aws_secretsmanager_secret.llm.arn}"}
    ]
  }
]
DEFINITION
}

resource "aws_ecs_task_definition" "own_model" {
  family = "own-model"
  container_definitions = jsonencode([{
    name    = "vllm"
    image   = "vllm/vllm-openai:v0.9"
    command = ["python", "-m", "vllm.entrypoints.openai.api_server"]
    environment = [
      { name = "MODEL", value = "openai/gpt-oss-20b" },
      { name = "CACHE", value = "/models" },
    ]
  }])
}
