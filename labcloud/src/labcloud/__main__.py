"""`python -m labcloud` is the `labcloud` command."""

from labcloud.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
