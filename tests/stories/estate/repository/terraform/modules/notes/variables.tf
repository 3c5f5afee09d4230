variable "environment" {
  type = string
}

variable "openai_key" {
  type      = string
  sensitive = true
}
