"""Runs the program that comes on standard input as if it were a file, with these arguments."""

import sys

exec(compile(sys.stdin.read(), "example.py", "exec"), {"__name__": "__main__"})
