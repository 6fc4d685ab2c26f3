"""The template's queues, table and bucket on an AWS emulator, for code that needs AWS's interface.

MiniStack is the emulator. With AWS_ENDPOINT_URL set, another one, such as LocalStack, is used.
"""
