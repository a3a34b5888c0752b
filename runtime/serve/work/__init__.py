"""What a server works through: queues, the batch of each model, and the models that are loaded."""
