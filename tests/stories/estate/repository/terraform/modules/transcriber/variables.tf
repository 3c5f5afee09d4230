variable "environment" {
  type = string
}

variable "cluster_arn" {
  type = string
}

variable "openai_base_url" {
  type = string
}
