from telephony.sandbox.network import Network


def carried(network: Network, frames: int) -> list[tuple[int, bytes]]:
    """Every frame that arrives while `frames` are spoken."""
    return [arrival for number in range(frames) for arrival in network.carry(bytes([number % 256]))]


def test_a_good_line_carries_each_frame_at_once() -> None:
    """Without loss or jitter every frame arrives in its own 20 ms."""
    network = Network()
    assert [network.carry(b"a"), network.carry(b"b")] == [[(0, b"a")], [(1, b"b")]]


def test_loss_leaves_gaps_in_the_numbers() -> None:
    """Lost frames keep their number: the time stamps jump, as on a real line."""
    numbers = [number for number, _ in carried(Network(seed=1, loss=0.3), 1_000)]
    assert 600 < len(numbers) < 800
    assert numbers == sorted(set(numbers))


def test_jitter_bunches_and_never_reorders() -> None:
    """Delayed frames arrive together and in order, since the socket is TCP."""
    network = Network(seed=2, jitter_ms=80)
    batches = [network.carry(bytes([number])) for number in range(200)]
    numbers = [number for batch in batches for number, _ in batch]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 196
    assert max(len(batch) for batch in batches) > 1
    assert any(not batch for batch in batches)


def test_the_seed_decides() -> None:
    """The same seed gives the same line, another seed another one."""

    def line(seed: int) -> list[tuple[int, bytes]]:
        return carried(Network(seed, jitter_ms=60, loss=0.1), 300)

    assert line(7) == line(7)
    assert line(7) != line(8)
