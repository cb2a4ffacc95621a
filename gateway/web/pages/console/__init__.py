"""The committee's desk, one module for each thing that lies on it."""
