"""``python -m clienteling`` is the same as ``clienteling``."""

from clienteling.cli import main

if __name__ == "__main__":
    main()
