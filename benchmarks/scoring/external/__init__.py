"""Models that are no students of ours: any GGUF file, an OpenAI-compatible endpoint, lm-evaluation-harness's prompts."""
