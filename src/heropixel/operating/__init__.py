"""What commands ask of the stores: by name, and answered by the server that runs where one does."""
