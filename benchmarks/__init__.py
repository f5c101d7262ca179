"""The benchmarks of `make bench`: each compares the product with a ceiling that is measured in the same run."""
