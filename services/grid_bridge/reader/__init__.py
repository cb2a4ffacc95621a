"""The bridge's reader (``grid_classifier``): what residents wrote, read beside all calls."""
