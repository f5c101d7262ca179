"""What browsers are given as pages."""
