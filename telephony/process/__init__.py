"""A process of the server: how it starts, takes its share of the calls, is replaced, and leaves."""
