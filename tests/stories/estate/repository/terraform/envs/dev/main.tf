module "network" {
  source = "../../modules/network"
  cidr   = "10.10.0.0/16"
}

module "letters" {
  source      = "../../modules/letters"
  environment = "dev"
}

module "summaries" {
  source      = "../../modules/summaries"
  environment = "dev"
}

module "transcriber" {
  source          = "../../modules/transcriber"
  environment     = "dev"
  cluster_arn     = var.cluster_arn
  openai_base_url = "https://api.openai.com/v1"
}

module "claims" {
  source      = "../../modules/claims"
  environment = "dev"
  batch       = false
}

module "notes" {
  source      = "../../modules/notes"
  environment = "dev"
  openai_key  = "sk-proj-Zq3vT8mYw1Lr6KxN0bHcPdUeZq3vT8mYw1Lr6KxN0bHcPdUe"
}

module "fhir" {
  source      = "../../modules/fhir"
  environment = "dev"
}
