"""Writes audio/silero_8k.onnx, Silero's network for telephone audio, from the model as its authors publish it.

    pip install onnx && python -m benchmarks.fold_silero

The published file holds two networks, for 8 and for 16 kHz, inside nested branches that are taken anew in each run,
and convolutions over no more than four steps of time, which onnxruntime works off call by call. Here the 8 kHz one
stands alone, each convolution is written out as one matrix, so that a batch of calls is one product, and what a call
remembers is one row of numbers. The same weights, so the same verdicts (`tests/test_audio_vad.py` compares them), in a
third of the time.

    samples (n, 256), memory (n, 288) ──► probability (n, 1), remembered (n, 288)

A row of memory is the last 32 samples of the window before and the two states of the LSTM.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from audio.engines import Float32
from audio.models import SILERO, SILERO_8K, verified
from audio.vad import CONTEXT, MEMORY, UNITS, WINDOW

FILTER, HOP, REFLECTED = 128, 64, 32
"""Samples: of the Fourier transform, between two of them, and mirrored behind the window's end."""
STRIDES = (1, 2, 2, 1)
"""Of the encoder's four convolutions, whose kernels are three steps wide."""
KERNEL = 3

Weights = Mapping[str, Float32]


def published() -> Weights:
    """The 8 kHz network's weights, by their names in PyTorch."""
    model = onnx.load(verified(SILERO))
    choice = next(node for node in model.graph.node if node.op_type == "If")
    branch = next(attribute.g for attribute in choice.attribute if attribute.name == "else_branch")
    constants = (node for node in branch.node if node.op_type == "Constant")
    return {node.output[0].rpartition("__")[2]: numpy_helper.to_array(node.attribute[0].t) for node in constants}


def unrolled(kernel: Float32, steps: int, stride: int) -> Float32:
    """A convolution over so many steps, padded by one at both ends, as a matrix: (steps * in, steps' * out)."""
    outputs, inputs, _ = kernel.shape
    after = (steps + 2 - KERNEL) // stride + 1
    matrix = np.zeros((steps, inputs, after, outputs), np.float32)
    for step in range(after):
        for tap in range(KERNEL):
            source = step * stride + tap - 1
            if 0 <= source < steps:
                matrix[source, :, step] = kernel[:, :, tap].T
    return matrix.reshape(steps * inputs, after * outputs)


class Graph:
    """An ONNX graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        """A constant; returns its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, inputs: list[str], *outputs: str, **attributes: int) -> str:
        """A step; returns its first output."""
        self.nodes.append(helper.make_node(op, inputs, list(outputs), **attributes))
        return outputs[0]


def fold(weights: Weights) -> onnx.ModelProto:
    """The network of these weights."""
    graph = Graph()
    graph.add("Split", ["memory", graph.constant("parts", [CONTEXT, UNITS, UNITS])], "context", "h", "c", axis=1)
    heard = graph.add("Concat", ["context", "samples"], "heard", axis=1)
    encoded = _encode(graph, weights, _spectrum(graph, weights, heard))
    _decide(graph, weights, encoded)
    latest = [graph.constant(name, [at]) for name, at in (("from", -CONTEXT), ("to", WINDOW), ("across", 1))]
    graph.add("Slice", ["samples", *latest], "latest")
    graph.add("Concat", ["latest", "h_after", "c_after"], "remembered", axis=1)
    return _model(graph)


def _spectrum(graph: Graph, weights: Weights, heard: str) -> str:
    """Magnitudes of four overlapping transforms, one after the other: (n, 4 * 65)."""
    length = CONTEXT + WINDOW
    mirrored = [*range(length), *range(length - 2, length - 2 - REFLECTED, -1)]
    framed = [mirrored[at : at + FILTER] for at in range(0, len(mirrored) - FILTER + 1, HOP)]
    graph.add("Gather", [heard, graph.constant("framed", framed)], "frames", axis=1)
    basis = weights["stft.forward_basis_buffer"][:, 0].T
    graph.add("MatMul", ["frames", graph.constant("basis", basis)], "waves")
    graph.add("Mul", ["waves", "waves"], "squares")
    bands = basis.shape[1] // 2
    graph.add("Split", ["squares", graph.constant("halves", [bands, bands])], "real", "imaginary", axis=2)
    graph.add("Sqrt", [graph.add("Add", ["real", "imaginary"], "power")], "magnitude")
    return graph.add("Reshape", ["magnitude", graph.constant("row", [-1, len(framed) * bands])], "spectrum")


def _encode(graph: Graph, weights: Weights, values: str) -> str:
    steps = (CONTEXT + WINDOW + REFLECTED - FILTER) // HOP + 1
    for layer, stride in enumerate(STRIDES):
        matrix = unrolled(weights[f"encoder.{layer}.reparam_conv.weight"], steps, stride)
        bias = weights[f"encoder.{layer}.reparam_conv.bias"]
        steps = matrix.shape[1] // len(bias)
        constants = [graph.constant(f"w{layer}", matrix), graph.constant(f"b{layer}", np.tile(bias, steps))]
        values = graph.add("Relu", [graph.add("Gemm", [values, *constants], f"sum{layer}")], f"encoded{layer}")
    return values


def _decide(graph: Graph, weights: Weights, encoded: str) -> None:
    """One step of the LSTM, and what it makes of it."""
    first = graph.constant("first", [0])
    steps = [graph.add("Unsqueeze", [name, first], f"{name}_step") for name in (encoded, "h", "c")]
    into, again = (_gates(weights, f"decoder.rnn.weight_{kind}") for kind in ("ih", "hh"))
    bias = np.concatenate([_gates(weights, f"decoder.rnn.bias_{kind}") for kind in ("ih", "hh")])
    constants = [
        graph.constant(name, value[None]) for name, value in (("into", into), ("again", again), ("bias", bias))
    ]
    lstm = [steps[0], *constants, "", *steps[1:]]
    graph.add("LSTM", lstm, "", "h_last", "c_last", hidden_size=UNITS)
    for name in ("h", "c"):
        graph.add("Squeeze", [f"{name}_last", first], f"{name}_after")
    shown = graph.add("Relu", ["h_after"], "shown")
    last = {"w": weights["decoder.decoder.2.weight"][0], "b": weights["decoder.decoder.2.bias"]}
    total = graph.add("Gemm", [shown, *(graph.constant(name, value) for name, value in last.items())], "sum")
    graph.add("Sigmoid", [total], "probability")


def _gates(weights: Weights, name: str) -> Float32:
    """PyTorch's order of an LSTM's gates is input, forget, cell, output; ONNX' is input, output, forget, cell."""
    into, forget, cell, out = np.split(weights[name], 4)
    return np.concatenate([into, out, forget, cell])


def _model(graph: Graph) -> onnx.ModelProto:
    def value(name: str, width: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])

    inputs = [value("samples", WINDOW), value("memory", MEMORY)]
    outputs = [value("probability", 1), value("remembered", MEMORY)]
    made = helper.make_graph(graph.nodes, "silero_8k", inputs, outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Writes the file and says its hash, which `audio/models.py` pins."""
    path = Path("audio") / SILERO_8K.path
    onnx.save(fold(published()), path)
    print(path)


if __name__ == "__main__":
    main()
