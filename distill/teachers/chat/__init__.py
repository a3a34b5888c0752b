"""A teacher behind a chat: prompts, what a reply says, and the teacher itself, over any model that can be asked."""
