"""The batch worker: tasks through the model, in batches from SQS."""
