"""`python -m txselect`."""

from txselect.cli import main

if __name__ == "__main__":
    main()
