terraform {
  backend "s3" {
    bucket = "lindenhof-tfstate-dev"
    key    = "clinical.tfstate"
    region = "us-east-1"
  }
}
