"""What holds of a cluster's database as a whole: whether it can keep what is promised."""
