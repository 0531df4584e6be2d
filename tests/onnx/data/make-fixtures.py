"""Makes the files of this folder with the packages they test against: pip install onnx==1.23.2 safetensors==0.8.0 numpy"""

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper
from safetensors.numpy import save_file


def save(name, nodes, inputs, outputs, initializers=(), opset=20, **graph):
    proto = h.make_graph(nodes, name, inputs, outputs, list(initializers), **graph)
    model = h.make_model(proto, opset_imports=[h.make_opsetid("", opset)], ir_version=9)
    model.doc_string = "to be stripped"
    onnx.save(model, f"{name}.onnx")


def value(name, shape, dtype=T.FLOAT):
    return h.make_tensor_value_info(name, dtype, shape)


x, y = value("x", [2, 3]), value("y", [2, 3])

# The same four numbers in every element type, once in the typed fields and once as raw bytes.
kinds = {
    "float32": (T.FLOAT, np.float32), "float64": (T.DOUBLE, np.float64), "float16": (T.FLOAT16, np.float16),
    "int64": (T.INT64, np.int64), "int32": (T.INT32, np.int32), "uint8": (T.UINT8, np.uint8), "bool": (T.BOOL, np.bool_),
}
numbers = [1, 0, 2, 7]
tensors = [h.make_tensor("bfloat16_typed", T.BFLOAT16, [2, 2], numbers)]
for name, (code, numpy_type) in kinds.items():
    tensors.append(h.make_tensor(f"{name}_typed", code, [2, 2], numbers))
    tensors.append(numpy_helper.from_array(np.array(numbers, numpy_type).reshape(2, 2), f"{name}_raw"))
save("element-types", [h.make_node("Relu", ["x"], ["y"], "relu")], [x], [y], tensors)

save("int8-weight", [h.make_node("Identity", ["w"], ["y"])], [], [value("y", [2], T.INT8)],
     [h.make_tensor("w", T.INT8, [2], [1, 2])])

save("attributes", [
    h.make_node("Foo", ["x", "", "x"], ["y", ""], "foo", domain="com.microsoft", count=3, share=0.5, text="añb",
                list_of_int=[1, -2], list_of_float=[0.25, 2.0], list_of_text=["a", "b"],
                a_tensor=numpy_helper.from_array(np.array([1.5, 2.5], np.float32))),
], [x], [y])

save("constants", [
    h.make_node("Constant", [], ["a"], value_ints=[3, 2]),
    h.make_node("Constant", [], ["b"], value=numpy_helper.from_array(np.array(2, np.float32))),
    h.make_node("Reshape", ["x", "a"], ["r"], "reshape"),
    h.make_node("Mul", ["r", "b"], ["y"], "mul"),
], [x], [value("y", None)])

save("opset-13-axes", [
    h.make_node("ReduceMean", ["x"], ["m"], "mean", axes=[1], keepdims=0),
    h.make_node("ReduceMax", ["m"], ["y"], "max"),
], [x], [value("y", [1])], opset=13)

save("opset-12", [h.make_node("Relu", ["x"], ["y"])], [x], [y], opset=12)

save("symbolic", [h.make_node("Relu", ["x"], ["y"], "relu")],
     [value("x", ["batch", None, 3])], [value("y", ["batch_out", "time", 3])])

branch = h.make_graph([h.make_node("Relu", ["x"], ["z"])], "branch", [], [value("z", [2, 3])])
save("subgraph", [h.make_node("If", ["c"], ["y"], "choose", then_branch=branch, else_branch=branch)],
     [x, value("c", [], T.BOOL)], [y])

save("sequence", [h.make_node("SequenceConstruct", ["x"], ["y"])], [x],
     [h.make_tensor_sequence_value_info("y", T.FLOAT, [2, 3])])

sparse = h.make_sparse_tensor(h.make_tensor("w", T.FLOAT, [1], [5.0]), h.make_tensor("i", T.INT64, [1], [2]), [2, 3])
save("sparse", [h.make_node("Add", ["x", "w"], ["y"])], [x], [y], sparse_initializer=[sparse])

save("external", [h.make_node("Add", ["x", "w"], ["y"], "add")], [x], [y],
     [numpy_helper.from_array(np.arange(3, dtype=np.float32), "w")])
onnx.save(onnx.load("external.onnx"), "external.onnx", save_as_external_data=True, location="external.bin", size_threshold=0)

# Control flow that is known before the graph runs.
ints = lambda name, *numbers: numpy_helper.from_array(np.array(numbers, np.int64), name)
scalar = lambda name, number: numpy_helper.from_array(np.array(number, np.int64), name)
flat = h.make_graph([h.make_node("Reshape", ["x", "six"], ["one"])], "flat", [], [value("one", [6])], [ints("six", 6)])
kept = h.make_graph([h.make_node("Identity", ["x"], ["k"])], "kept", [], [value("k", [2, 3])])
inner = h.make_graph([
    h.make_node("Shape", ["x"], ["size"]),
    h.make_node("Gather", ["size", "last"], ["width"], axis=0),
    h.make_node("Equal", ["width", "three"], ["is_three"]),
    h.make_node("If", ["is_three"], ["picked"], "inner", then_branch=flat, else_branch=kept),
    h.make_node("Neg", ["picked"], ["negative"]),
], "inner", [], [value("negative", None)], [scalar("last", 1), scalar("three", 3)])
save("if-shape", [
    h.make_node("Size", ["x"], ["count"]),
    h.make_node("Greater", ["count", "four"], ["is_large"]),
    h.make_node("If", ["is_large"], ["r"], "outer", then_branch=inner, else_branch=kept),
    h.make_node("Relu", ["r"], ["y"]),
], [x], [value("y", [6])], [scalar("four", 4)])

body = h.make_graph([
    h.make_node("Add", ["sum", "a"], ["next"]),
    h.make_node("Mul", ["next", "factor"], ["scaled"]),
    h.make_node("Sub", ["scaled", "b"], ["out"]), h.make_node("Identity", ["next"], ["copy"]),
], "body", [value("sum", [3]), value("a", [3]), value("b", [3])], [value("next", [3]), value("out", [3]), value("copy", [3])])
save("scan", [
    h.make_node("Relu", ["s"], ["start"]),
    h.make_node("Scan", ["start", "x", "t"], ["end", "outs", "sums"], "scan", body=body, num_scan_inputs=2,
                scan_input_axes=[0, 1], scan_input_directions=[0, 1], scan_output_axes=[1, 0], scan_output_directions=[0, 1]),
], [value("s", [3]), value("x", [4, 3]), value("t", [3, 4])], [value("end", [3]), value("outs", [3, 4]), value("sums", [4, 3])],
     [numpy_helper.from_array(np.array(0.5, np.float32), "factor")])

round_ = h.make_graph([
    h.make_node("Identity", ["going"], ["goes_on"]),
    h.make_node("Cast", ["i"], ["number"], to=T.FLOAT),
    h.make_node("Add", ["total", "number"], ["more"]),
    h.make_node("Mul", ["more", "x"], ["product"]),
], "round", [value("i", [], T.INT64), value("going", [], T.BOOL), value("total", [2, 3])],
    [value("goes_on", [], T.BOOL), value("more", [2, 3]), value("product", [2, 3])])
save("loop", [h.make_node("Loop", ["rounds", "", "x"], ["last", "all"], "loop", body=round_)],
     [x], [value("last", [2, 3]), value("all", [3, 2, 3])], [scalar("rounds", 3)])
save("loop-open", [h.make_node("Loop", ["rounds", "", "x"], ["last", "all"], "endless", body=round_)],
     [x, value("rounds", [], T.INT64)], [value("last", [2, 3]), value("all", None)])


def save_functions():
    opsets = [h.make_opsetid("", 20), h.make_opsetid("mine", 1)]
    slope = h.make_function("mine", "Slope", ["v"], ["w"], [
        h.make_node("LeakyRelu", ["v"], ["inside"]), h.make_node("Add", ["inside", "v"], ["w"]),
    ], opsets, attributes=["alpha"])
    slope.node[0].attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="alpha", type=onnx.AttributeProto.FLOAT))
    twice = h.make_function("mine", "Twice", ["p", "q"], ["first", "second", "same"], [
        h.make_node("Slope", ["p"], ["inside"], domain="mine", alpha=0.25),
        h.make_node("Slope", ["q"], ["second"], domain="mine"),
        h.make_node("Neg", ["inside"], ["first"]), h.make_node("Identity", ["p"], ["same"]),
    ], opsets)
    graph = h.make_graph([
        h.make_node("Twice", ["x", "x"], ["a", "b", "c"], domain="mine"),
        h.make_node("Twice", ["b", "a"], ["y", "", "z"], domain="mine"),
    ], "functions", [x], [y, value("z", [2, 3]), value("c", [2, 3])])
    onnx.save(h.make_model(graph, opset_imports=opsets, functions=[slope, twice], ir_version=9), "functions.onnx")


save_functions()

save_file({
    "b": np.arange(6, dtype=np.float32).reshape(2, 3), "10": np.array([1, 2], np.int64), "flag": np.array([True, False, True]),
    "a": np.array(3.5, np.float32), "é": np.array([1.5], np.float64), "half": np.array([1, 2], np.float16),
    "byte": np.array([7], np.uint8), "i": np.array([-1], np.int32), "none": np.zeros((0, 4), np.float32),
}, "mixed.safetensors", metadata={"format": "pt"})
