"""Votes: the list, a poll, the ballot and its receipt, proxies, result, bulletin, `/verify`."""
