variable "cluster_arn" {
  type        = string
  description = "The ECS cluster of this environment."
}

variable "notes_openai_key" {
  type        = string
  default     = ""
  description = "Only for tests without Secrets Manager."
  sensitive   = true
}
