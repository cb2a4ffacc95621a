"""Clients in TypeScript and Python, generated from the OpenAPI document."""
