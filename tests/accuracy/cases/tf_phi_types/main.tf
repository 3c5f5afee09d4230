resource "google_healthcare_dataset" "a" {
  name = "a"
}

resource "google_healthcare_fhir_store" "b" {
  name = "b"
}

resource "google_healthcare_dicom_store" "c" {
  name = "c"
}

resource "aws_healthlake_fhir_datastore" "d" {
  datastore_type_version = "R4"
}

resource "awscc_healthlake_fhir_datastore" "e" {
  datastore_type_version = "R4"
}

resource "azurerm_healthcare_workspace" "f" {
  name = "f"
}

resource "azurerm_healthcare_fhir_service" "g" {
  name = "g"
}

resource "aws_medical_imaging_datastore" "h" {
  name = "h"
}

resource "aws_transcribe_medical_vocabulary" "i" {
  name = "i"
}

module "healthcare" {
  source  = "terraform-google-modules/healthcare/google"
  version = "2.4.0"
}

resource "aws_iam_policy" "comprehend" {
  name = "comprehend"
  policy = jsonencode({
    Statement = [{
      Action = ["comprehendmedical:DetectEntitiesV2"]
      Effect = "Allow"
    }]
  })
}

resource "aws_ecs_task_definition" "hapi" {
  family = "server"
  container_definitions = jsonencode([{
    name  = "server"
    image = "hapiproject/hapi:v7.4.0"
  }])
}
