"""``python -m services.grid_bridge``: the bridge as a process of its own."""

from services.kit.runner import run

if __name__ == "__main__":
    run("services.grid_bridge.service:GridBridgeService", "services.grid_bridge.settings:Settings")
