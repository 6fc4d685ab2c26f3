"""The errors of the command line for API keys.

KeysError
├── StackUnknown      there is no such stack, or it is too old
├── KeyUnknown        the stack has no such key
├── KeyTooLong        the value of a rotated key would be too long
└── ValueNotWritten   the value of a new key could not be written
"""

from __future__ import annotations


class KeysError(Exception):
    """Base class; the message is a sentence for the operator."""


class StackUnknown(KeysError):
    """There is no such stack, or it was deployed by a version without such keys."""


class KeyUnknown(KeysError):
    """No key of the stack's usage plan has this id."""


class KeyTooLong(KeysError):
    """API Gateway would refuse the value of the rotated key."""


class ValueNotWritten(KeysError):
    """The key was created, but its value could not be written to standard output."""
