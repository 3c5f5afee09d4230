variable "openai_api_key" {
  sensitive = true
}

resource "aws_lambda_function" "literal" {
  function_name = "literal"
  environment {
    variables = {
      OPENAI_API_KEY = "sk-proj-A1b2C3d4E5f6G7h8I9j0"
    }
  }
}

resource "aws_lambda_function" "azure" {
  function_name = "azure"
  environment {
    variables = {
      AZURE_OPENAI_API_KEY = "0123456789abcdef0123456789abcdef"
      GENERIC_TOKEN        = "sk-svcacct-A1b2C3d4E5f6G7h8I9j0"
    }
  }
}

resource "aws_lambda_function" "spellings" {
  function_name = "spellings"
  environment {
    variables = {
      OPENAI_APIKEY          = var.openai_api_key
      OPEN_AI_KEY            = var.openai_api_key
      OPENAI_KEY             = var.openai_api_key
      OPENAI_SECRET_NAME     = "assistant/llm"
      OPENAI_DEFAULT_API_KEY = var.openai_api_key
      GEN_AI_API_KEY         = var.openai_api_key
      DISPATCH_LLM_API_KEY   = "$${OPENAI_API_KEY}"
      LLM_OPENAI_API_KEY     = var.openai_api_key
      AZURE_APIKEY           = var.openai_api_key
      AZURE_API_KEY          = var.openai_api_key
      AZURE_OPENAI_KEY       = var.openai_api_key
      AZUREOPENAI_API_KEY    = var.openai_api_key
      AZURE_OPENAI_SERVICE_1_KEY = var.openai_api_key
      K8SGPT_BACKEND         = "openai"
      AIRFLOW_CONN_OPENAI_DEFAULT = "openai://:x@api.openai.com"
    }
  }
}

resource "aws_lambda_function" "placeholder" {
  function_name = "placeholder"
  environment {
    variables = {
      OPENAI_API_KEY = "<your key>"
    }
  }
}

resource "aws_lambda_function" "changed" {
  function_name = "changed"
  environment {
    variables = {
      OPENAI_API_KEY = "changeme"
    }
  }
}

resource "aws_lambda_function" "empty" {
  function_name = "empty"
  environment {
    variables = {
      OPENAI_API_KEY = ""
    }
  }
}

resource "aws_lambda_function" "fake" {
  function_name = "fake"
  environment {
    variables = {
      OPENAI_API_KEY = "fake"
    }
  }
}

resource "aws_lambda_function" "letters" {
  function_name = "letters"
  environment {
    variables = {
      OPENAI_API_KEY = "xxx"
    }
  }
}

module "assistant" {
  source          = "registry.example/assistant/aws"
  openai_api_key  = var.openai_api_key
  openai_model    = "gpt-4o"
  openai_endpoint = "https://api.openai.com/v1"
}
