"""Checkov checks that keep PHI away from OpenAI endpoints outside the BAA; one file a rule."""
