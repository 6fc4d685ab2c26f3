"""DynamoDB, SQS and S3 for exactly the calls that `tasks.aws` makes."""
