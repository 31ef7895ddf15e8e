"""The console: what operators see of the conversations, and what they can do about them."""
