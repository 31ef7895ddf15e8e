"""The one error of the benchmarks that is the user's to mend."""


class BenchmarkError(Exception):
    """A benchmark cannot run as asked. Says what to do."""
