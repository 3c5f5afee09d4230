variable "regional" {
  type = bool
}

variable "openai_key_parameter" {
  default = "/visits/openai-api-key"
}

locals {
  llm = {
    OPENAI_PROJECT_ID = "proj_visits"
    OPENAI_ENDPOINTS  = "/v1/responses"
  }
}

resource "aws_lambda_function" "visits" {
  function_name = "visits"
  environment {
    variables = merge(local.llm, {
      OPENAI_API_KEY_PARAMETER = var.openai_key_parameter
      STAGE                    = "prod"
    })
  }
  tags = merge({ Team = "care" }, {
    "acme/data-classification" = "phi"
  })
}

resource "aws_lambda_function" "conditional" {
  function_name = "conditional"
  environment {
    variables = {
      OPENAI_API_KEY  = data.aws_ssm_parameter.key.value
      OPENAI_BASE_URL = var.regional ? "https://eu.api.openai.com/v1" : null
    }
  }
}

data "aws_ssm_parameter" "key" {
  name = "/visits/key"
}

resource "aws_lambda_function" "quiet" {
  function_name = "quiet"
  description   = "Replaces openai.com calls by a rule engine"
  environment {
    variables = {
      STAGE              = "prod"
      ENABLE_OPENAI_API  = "false"
      # OPENAI_API_KEY   = "from the console"
    }
  }
}

resource "aws_lambda_function" "in_cluster" {
  function_name = "in-cluster"
  environment {
    variables = {
      OPENAI_API_KEY  = "none"
      OPENAI_BASE_URL = "http://vllm.models.svc.cluster.local:8000/v1"
    }
  }
}

resource "aws_lambda_function" "off" {
  count         = 0
  function_name = "off"
  environment {
    variables = {
      OPENAI_API_KEY = "from-the-vault"
    }
  }
}

/*
resource "aws_lambda_function" "gone" {
  environment {
    variables = { OPENAI_API_KEY = "x" }
  }
}
*/
