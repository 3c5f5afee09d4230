param location string = resourceGroup().location
param endpoint string = 'https://clinic.openai.azure.com'
@secure()
param key string
var tags = {
  DataClassification: 'PHI'
}

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: 'clinic'
  location: location
  kind: 'OpenAI'
}

resource portal 'Microsoft.Web/sites@2022-09-01' = {
  name: 'portal'
  location: location
  tags: tags
  properties: {
    siteConfig: {
      appSettings: [
        {
          name: 'AZURE_OPENAI_ENDPOINT'
          value: endpoint
        }
        {
          name: 'AZURE_OPENAI_API_KEY'
          value: key
        }
        {
          name: 'WEBSITE_RUN_FROM_PACKAGE'
          value: '1'
        }
      ]
    }
  }
}

resource worker 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'worker'
  properties: {
    template: {
      containers: [
        {
          name: 'app'
          env: [
            { name: 'OPENAI_BASE_URL', value: 'https://eu.api.openai.com/v1' }
            { name: 'OPENAI_API_KEY', secretRef: 'llm' }
          ]
        }
      ]
    }
  }
}

// resource old 'Microsoft.CognitiveServices/accounts@2023-05-01' = { kind: 'OpenAI' }
resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: 'privatelink.openai.azure.com'
}

resource speech 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: 'speech'
  kind: 'SpeechServices'
}
