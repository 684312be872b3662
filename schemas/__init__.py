"""What is said: the records of the contract, and the topics they travel on."""
