terraform {
  backend "s3" {
    bucket = "lindenhof-tfstate-stage"
    key    = "clinical.tfstate"
    region = "us-east-1"
  }
}
