"""The pages, one module for each corner of the house."""
