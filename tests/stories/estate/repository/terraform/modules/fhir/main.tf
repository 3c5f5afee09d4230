resource "aws_healthlake_fhir_datastore" "records" {
  datastore_name         = "records-${var.environment}"
  datastore_type_version = "R4"
}
