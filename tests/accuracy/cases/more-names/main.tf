resource "openai_upload_complete" "n0" {
  name = "x"
}
resource "openai_edit" "n3" {
  name = "x"
}
resource "openai_model_response" "n6" {
  name = "x"
}
resource "openai_thread_run" "n9" {
  name = "x"
}
resource "openai_image_variation" "n12" {
  name = "x"
}
resource "azurerm_ai_foundry_project" "n15" {
  name = "x"
}
resource "openai_mcp_tunnel" "n18" {
  name = "x"
}
resource "openai_external_key" "n21" {
  name = "x"
}
resource "openai_project" "n24" {
  name = "x"
}
resource "openai_admin_api_key" "n27" {
  name = "x"
}
resource "google_healthcare_dicom_store" "n30" {
  name = "x"
}
resource "aws_omics_run_group" "n33" {
  name = "x"
}
resource "awscc_healthimaging_datastore" "n36" {
  name = "x"
}
resource "azurerm_healthcare_medtech_service" "n39" {
  name = "x"
}
resource "aws_route53_health_check" "n42" {
  name = "x"
}
resource "google_compute_health_check" "n45" {
  name = "x"
}
resource "aws_emrserverless_application" "n48" {
  name = "x"
}
