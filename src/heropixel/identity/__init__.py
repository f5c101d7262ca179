"""Users behind pageviews: identifiers are normalised and hashed; users are found, learned and linked."""
