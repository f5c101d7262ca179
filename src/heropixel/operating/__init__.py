"""What commands request of the stores, by name. A running server answers, if there is one."""
