"""A teacher on this machine: any GGUF file with a chat template, run by the engine that runs students."""
