"""A literal key and hostile text, for the tests of reports."""

LITERAL = "sk-proj-" + "Z9x8" * 10
HOSTILE = (
    "<img src=x onerror=alert(1)>|[a](javascript:alert(1))`\"'\n```\n%%{init}%% end --> B\\ {0} "
    "@team #1"
)
