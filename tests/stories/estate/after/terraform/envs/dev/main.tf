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

module "fhir" {
  source      = "../../modules/fhir"
  environment = "dev"
}
