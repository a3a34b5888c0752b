"""LoRA adapters as files: read in peft's layout, merged into their base, or written for llama.cpp."""
