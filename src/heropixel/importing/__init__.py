"""What files say becomes users, suppressions and pageviews."""
