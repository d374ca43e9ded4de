#!/usr/bin/env python
"""Entry point of every command."""

import sys

from xmld_project.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
