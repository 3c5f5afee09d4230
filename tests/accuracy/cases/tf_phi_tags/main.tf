resource "aws_s3_bucket" "a" {
  tags = { Compliance = "hipaa" }
}

resource "aws_s3_bucket" "b" {
  tags = { compliance = "soc2,hipaa,gdpr" }
}

resource "aws_s3_bucket" "c" {
  tags = { DataClassification = "PHI" }
}

resource "aws_s3_bucket" "d" {
  tags = { "data-classification" = "phi" }
}

resource "aws_s3_bucket" "e" {
  tags = { data_classification = "ePHI" }
}

resource "aws_s3_bucket" "f" {
  tags = { "clinic.example/data-classification" = "PHI" }
}

resource "aws_s3_bucket" "g" {
  tags = { HIPAA = "true" }
}

resource "aws_s3_bucket" "h" {
  tags = { contains_phi = "yes" }
}

resource "aws_s3_bucket" "i" {
  tags = { ContainsPHI = "1" }
}

resource "aws_s3_bucket" "j" {
  tags = { phi = "true" }
}

resource "aws_s3_bucket" "k" {
  tags = { type = "phi" }
}

resource "aws_s3_bucket" "l" {
  tags = { HipaaScope = "in-scope" }
}

resource "aws_s3_bucket" "m" {
  tags = { "clinic.example/phi-handler" = "true" }
}

resource "aws_s3_bucket" "n" {
  tags = { ComplianceScope = "HIPAA-BAA" }
}

resource "aws_s3_bucket" "o" {
  tags = { fides_category = "user.health_and_medical.record_id" }
}

resource "aws_s3_bucket" "p" {
  tags = merge(var.tags, { Name = "p" })
}

variable "tags" {
  type = map(string)
  default = {
    Regulation = "HIPAA"
  }
}

module "store" {
  source = "./store"
  tags   = { Sensitivity = "PHI" }
}

resource "google_storage_bucket" "q" {
  name   = "q"
  labels = { data_class = "phi" }
}

resource "azurerm_storage_account" "r" {
  name = "r"
  tags = { "openai-compliance:data" = "phi" }
}

resource "aws_s3_bucket" "no_a" {
  tags = { phi = "no-phi" }
}

resource "aws_s3_bucket" "no_b" {
  tags = { HIPAA = "false" }
}

resource "aws_s3_bucket" "no_c" {
  tags = { DataClassification = "PII" }
}

resource "aws_s3_bucket" "no_d" {
  tags = { model = "phi-4", phi_convict_threshold = "8" }
}

resource "aws_s3_bucket" "no_e" {
  # compliance: hipaa
  tags = { Note = "Please be patient" }
}

resource "aws_s3_bucket" "no_f" {
  tags = { DataClassification = "non-PHI" }
}
