"""The stack under test on MiniStack, with faults in its AWS calls."""
