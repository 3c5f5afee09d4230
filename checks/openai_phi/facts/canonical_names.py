"""Names as they are compared: words in lower case, however they were spelled."""

from __future__ import annotations

import re
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=65536)
def canonical(name: str) -> str:
    """A name as lower-case words joined by `_`: OPENAI_API_KEY, openaiApiKey, openai.apiKey."""
    text = name.replace("OpenAI", "Openai").replace("openAI", "openai").replace("APIKey", "ApiKey")
    words = _SEPARATORS.sub("_", _CAMEL.sub("_", text).lower()).strip("_")
    joined = f"_{words}_".replace("_open_ai_", "_openai_").strip("_")
    return (
        joined.replace("openaiapi", "openai_api")
        .replace("openaikey", "openai_key")
        .replace("apikey", "api_key")
        .replace("azureopenai", "azure_openai")
    )
