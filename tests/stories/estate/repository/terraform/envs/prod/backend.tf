terraform {
  backend "s3" {
    bucket = "lindenhof-tfstate-prod"
    key    = "clinical.tfstate"
    region = "us-east-1"
  }
}
