env = {
  OPENAI_BASE_URL = "https://api.openai.com/v1"
  OPENAI_MODEL    = "gpt-4o"
  REGION          = "us-central1"
}

secrets = {
  OPENAI_API_KEY = "llm-key"
}
