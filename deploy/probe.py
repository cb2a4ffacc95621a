"""Health check inside a container: `python -m deploy.probe http://127.0.0.1:9100/readyz`."""

import sys
import urllib.request


def main(url: str) -> int:
    """0 when the address answers 200 within 3 seconds."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return 0 if answer.status == 200 else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
