"""Who may use an app beside its secret: members who sign in, and keys; and what they did."""
