"""HTTP below the doors: ASGI, connections, bodies, proxies."""
