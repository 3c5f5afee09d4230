resource "openai_response" "x" {
  name = "x"
}
resource "openai_upload" "x" {
  name = "x"
}
resource "openai_upload_part" "x" {
  name = "x"
}
resource "openai_speech_to_text" "x" {
  name = "x"
}
resource "openai_assistant_file" "x" {
  name = "x"
}
resource "openai_fine_tuned_model" "x" {
  name = "x"
}
resource "azurerm_cognitive_account_project" "x" {
  name = "x"
}
resource "google_healthcare_pipeline_job" "y" {
  name = "y"
}
resource "google_healthcare_workspace" "y" {
  name = "y"
}
resource "awscc_omics_sequence_store" "y" {
  name = "y"
}
resource "azurerm_healthbot" "y" {
  name = "y"
}
resource "openai_project_service_account" "z" {
  name = "z"
}
resource "openai_webhook_endpoint" "z" {
  name = "z"
}
resource "google_dataflow_job" "z" {
  name = "z"
}
resource "aws_emr_cluster" "z" {
  name = "z"
}
