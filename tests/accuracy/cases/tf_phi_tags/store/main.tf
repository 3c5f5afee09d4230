variable "tags" {
  type = map(string)
}

resource "aws_dynamodb_table" "visits" {
  name = "visits"
  tags = var.tags
}
