resource "azapi_resource" "app" {
  type = "Microsoft.App/containerApps@2024-03-01"
  name = "letters"
  body = jsonencode({
    properties = {
      template = {
        containers = [{
          name = "app"
          env = [
            { name = "AZURE_OPENAI_ENDPOINT", value = "https://letters.openai.azure.com" },
            { name = "AZURE_OPENAI_API_KEY", secretRef = "llm" }
          ]
        }]
      }
    }
  })
  tags = { ContainsPHI = "yes" }
}

resource "azapi_resource" "account" {
  type = "Microsoft.CognitiveServices/accounts@2024-10-01"
  name = "letters"
  body = {
    kind = "OpenAI"
    properties = {
      publicNetworkAccess = "Disabled"
    }
  }
}

resource "azapi_resource" "vision" {
  type = "Microsoft.CognitiveServices/accounts@2024-10-01"
  name = "vision"
  body = {
    kind = "ComputerVision"
  }
}
