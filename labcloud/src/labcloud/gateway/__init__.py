"""The door: who asks, and how a no is said in each protocol."""
