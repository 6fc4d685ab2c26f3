"""The list prices of AWS that receipts, the capacity model and the runbook use.

All are in US dollars, without the free tier, volume tiers and taxes. The functions import this
module at their start, so it contains nothing but numbers. AWS changes prices: check the pages
below, then change the numbers and the month together.
"""

from __future__ import annotations

from typing import Final

MONTH: Final = "2026-11"
REGION: Final = "us-east-1"
CURRENCY: Final = "USD"

# https://aws.amazon.com/api-gateway/pricing/
GATEWAY_REQUEST: Final = 3.50e-6  # of a REST API

# https://aws.amazon.com/lambda/pricing/
FUNCTION_REQUEST: Final = 0.20e-6
_ARM: Final = 13.3334e-6
GB_SECOND: Final = {"x86_64": 16.6667e-6, "arm64": _ARM, "aarch64": _ARM}
SNAPSHOT_GB_SECOND: Final = 1.5046e-6  # the cache of one version with SnapStart
SNAPSHOT_GB_RESTORED: Final = 139.7998e-6

# https://aws.amazon.com/sqs/pricing/
QUEUE_REQUEST: Final = 0.40e-6  # of a standard queue
FAIR_QUEUE_REQUEST: Final = 0.50e-6  # of a message with a MessageGroupId: 0.10 more

# https://aws.amazon.com/dynamodb/pricing/on-demand/
TABLE_WRITE: Final = 0.625e-6  # per kilobyte, rounded up; twice in a transaction
TABLE_READ: Final = 0.125e-6  # per four kilobytes, rounded up; strongly consistent
TABLE_GB_MONTH: Final = 0.25
TABLE_BACKUP_GB_MONTH: Final = 0.20  # point-in-time recovery

# https://aws.amazon.com/s3/pricing/, S3 Standard
OBJECT_WRITE: Final = 5.0e-6  # PUT, POST, LIST
OBJECT_READ: Final = 0.40e-6  # GET
OBJECT_GB_MONTH: Final = 0.023

# https://aws.amazon.com/kms/pricing/
KEY_MONTH: Final = 1.00  # a key that the customer manages
KEY_REQUEST: Final = 3.0e-6

# https://aws.amazon.com/cloudwatch/pricing/
LOG_GB: Final = 0.50
ALARM_METRIC_MONTH: Final = 0.10
METRIC_MONTH: Final = 0.30
DASHBOARD_MONTH: Final = 3.00  # the first three of an account are free

IMAGE_GB_MONTH: Final = 0.10  # https://aws.amazon.com/ecr/pricing/
TRAFFIC_GB: Final = 0.09  # out to the internet; https://aws.amazon.com/ec2/pricing/on-demand/
