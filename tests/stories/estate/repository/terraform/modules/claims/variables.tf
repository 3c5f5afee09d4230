variable "environment" {
  type = string
}

variable "batch" {
  type        = bool
  description = "Whether claims are coded overnight, in batches."
}
