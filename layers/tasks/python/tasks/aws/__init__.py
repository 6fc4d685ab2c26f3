"""The ports on AWS: DynamoDB, SQS, S3 and CloudWatch. Only this package imports boto3."""
