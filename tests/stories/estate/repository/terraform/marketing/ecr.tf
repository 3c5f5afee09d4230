resource "aws_ecr_repository" "openai_tools" {
  name = "openai-tools"
}
