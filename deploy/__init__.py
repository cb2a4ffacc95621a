"""How the system is set up, started, packed and watched. Nothing in here knows a domain word."""
