resource deid 'Microsoft.HealthDataAIServices/deidServices@2024-09-20' = {
  name: 'deid'
  location: 'eastus'
}
resource monitor 'Microsoft.ServiceHealth/alerts@2024-01-01' = {
  name: 'monitor'
}
