"""Section 3 of the contract, from outside: what is sent as a pageview, and what is answered."""
