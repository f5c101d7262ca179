"""Requests that cannot be meant are refused with what is wrong, and spoil no later one."""
