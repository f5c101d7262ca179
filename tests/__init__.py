"""The tests: `contract/` is a black box, the other folders mirror the source."""
