resource "aws_secretsmanager_secret" "key" {
  name = "lindenhof/${var.environment}/transcriber-openai"
}

resource "aws_ecs_task_definition" "transcriber" {
  family                   = "transcriber-${var.environment}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024

  container_definitions = jsonencode([
    {
      name  = "app"
      image = "111111111111.dkr.ecr.us-east-1.amazonaws.com/transcriber:2.0.1"
      environment = [
        { name = "OPENAI_BASE_URL", value = var.openai_base_url },
        { name = "OPENAI_ENDPOINTS", value = "/v1/audio/transcriptions" },
      ]
      secrets = [
        { name = "OPENAI_API_KEY", valueFrom = aws_secretsmanager_secret.key.arn },
      ]
    },
  ])
}

resource "aws_ecs_service" "transcriber" {
  name            = "transcriber"
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.transcriber.arn
  desired_count   = 1
}
