"""HTTP below the endpoints: ASGI, connections, bodies, proxies."""
