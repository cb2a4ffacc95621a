"""Our chassis with the tests' probe service on it, as a process."""

from services.kit.runner import run

if __name__ == "__main__":
    run("tests.support.probe:ProbeService", "tests.support.probe:Settings")
