"""The names of nodes: each server of a cluster has one from its start to its end."""

import secrets
import socket


def new_node() -> str:
    """A name that no other server has or had. It begins with the machine's, for people who look into the database."""
    return f"{socket.gethostname()}-{secrets.token_hex(6)}"
