resource "openai_data_retention" "org" {
  retention_type = "zero_data_retention"
}
