module "notes" {
  source      = "../modules/function"
  name        = "notes"
  environment = "prod"
  environment_variables = {
    LOG_FORMAT = "json"
  }
}
