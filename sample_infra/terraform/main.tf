# Everything in this folder belongs to the clinic's record system.
provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = {
      Owner              = "records"
      DataClassification = "PHI"
    }
  }
}

resource "aws_secretsmanager_secret" "clinic_openai" {
  name = "clinic/openai"
}

resource "aws_secretsmanager_secret" "sandbox_openai" {
  name = "sandbox/openai"
}
