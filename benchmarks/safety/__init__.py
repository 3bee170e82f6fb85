"""What is known of the safety of our own code and of the packages that it needs."""
