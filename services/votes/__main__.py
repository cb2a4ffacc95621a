"""``python -m services.votes``."""

from services.kit.runner import run

if __name__ == "__main__":
    run("services.votes.service:VotesService", "services.votes.settings:Settings")
