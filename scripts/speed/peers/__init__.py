"""Rivals, each a small script at its best settings, asked the same prompts as we are: `python -m scripts.speed.peers`.

Every peer runs in a process of its own and answers one request at a time, so that one's threads and memory are not
another's; the driver asks them in turn, in an order that changes with every question.
"""
