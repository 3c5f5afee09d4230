resource "aws_lambda_function" "behind_proxy" {
  function_name = "behind-proxy"
  environment {
    variables = {
      OPENAI_API_KEY_SECRET = "assistant/llm"
      OPENAI_PROXY          = "http://proxy.egress.example:3128"
      NODE_EXTRA_CA_CERTS   = "/etc/ssl/proxy.pem"
    }
  }
}

resource "aws_lambda_function" "proxied" {
  function_name = "proxied"
  environment {
    variables = {
      HTTPS_PROXY    = "http://proxy.egress.example:3128"
      OPENAI_API_KEY = data.aws_secretsmanager_secret_version.key.secret_string
    }
  }
}

data "aws_secretsmanager_secret_version" "key" {
  secret_id = "assistant/llm"
}
