module "network" {
  source = "../../modules/network"
  cidr   = "10.20.0.0/16"
}

module "letters" {
  source      = "../../modules/letters"
  environment = "stage"
}

module "summaries" {
  source      = "../../modules/summaries"
  environment = "stage"
}

module "transcriber" {
  source          = "../../modules/transcriber"
  environment     = "stage"
  cluster_arn     = var.cluster_arn
  openai_base_url = "https://api.openai.com/v1"
}

module "claims" {
  source      = "../../modules/claims"
  environment = "stage"
  batch       = false
}

module "fhir" {
  source      = "../../modules/fhir"
  environment = "stage"
}
