resource "aws_s3_bucket" "records" {
  bucket = "letters"
  tags   = { DataClassification = "PHI" }
}
