module "network" {
  source = "../../modules/network"
  cidr   = "10.30.0.0/16"
}

module "letters" {
  source      = "../../modules/letters"
  environment = "prod"
}

module "summaries" {
  source      = "../../modules/summaries"
  environment = "prod"
}

module "transcriber" {
  source          = "../../modules/transcriber"
  environment     = "prod"
  cluster_arn     = var.cluster_arn
  openai_base_url = "https://openrouter.ai/api/v1"
}

module "claims" {
  source      = "../../modules/claims"
  environment = "prod"
  batch       = true
}

module "fhir" {
  source      = "../../modules/fhir"
  environment = "prod"
}
