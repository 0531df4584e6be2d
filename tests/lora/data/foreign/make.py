"""Exports six small models with both of torch's exporters: pip install torch==2.13.0 onnx==1.23.2 onnxscript==0.7.2

Beside each file stands what torch computes for the input sin(0), sin(1), … (numbers of tokens: 0, 1, …).
"""

import json

import onnx
import torch
from torch import nn

torch.manual_seed(0)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm, self.last = nn.Linear(12, 16), nn.LayerNorm(16), nn.Linear(16, 4)

    def forward(self, x):
        return self.last(nn.functional.silu(self.norm(self.first(x))))


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        )
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells = nn.LSTM(4, 6, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(12, 3)

    def forward(self, x):
        return self.head(self.cells(x)[0][:, -1])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, activation="gelu")
        self.enter = nn.Linear(5, 8)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.encoder(self.enter(x)).mean(1))


class Embedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.head = nn.Embedding(20, 8), nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.table(x).mean(1))


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.token = nn.Conv2d(2, 12, 4, 4), nn.Parameter(torch.randn(1, 1, 12))
        self.norm, self.qkv, self.out, self.head = nn.LayerNorm(12), nn.Linear(12, 36), nn.Linear(12, 12), nn.Linear(12, 4)

    def forward(self, x):
        t = self.patch(x).flatten(2).transpose(1, 2)
        t = torch.cat([self.token.expand(t.shape[0], -1, -1), t], 1)
        q, k, v = self.qkv(self.norm(t)).reshape(t.shape[0], -1, 3, 2, 6).permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(t.shape)
        return self.head((t + self.out(mixed))[:, 0])


def export(name, model, shape, exporter, tokens=False):
    model.eval()
    count = torch.arange(torch.tensor(shape).prod().item())
    x = (count % 20 if tokens else torch.sin(count.float())).reshape(shape)
    file = f"{name}-{exporter}.onnx"
    common = dict(input_names=["x"], output_names=["y"])
    if exporter == "legacy":
        torch.onnx.export(model, (x,), file, dynamo=False, opset_version=17, dynamic_axes={"x": {0: "batch"}}, **common)
    else:
        torch.onnx.export(model, (x,), file, dynamo=True, opset_version=20, external_data=False, verbose=False, **common)
    proto = onnx.load(file)
    for part in [proto, proto.graph, *proto.graph.node, *proto.graph.input, *proto.graph.output, *proto.graph.initializer]:
        part.doc_string = ""
        if hasattr(part, "metadata_props"):
            del part.metadata_props[:]
    del proto.graph.value_info[:]
    onnx.save(proto, file)
    return file, {"shape": list(shape), "tokens": tokens, "y": model(x).flatten().tolist()}


cases = [
    ("mlp", Mlp(), (3, 12), False), ("cnn", Cnn(), (2, 2, 12, 12), False), ("lstm", Lstm(), (2, 5, 4), False),
    ("encoder", Encoder(), (2, 6, 5), False), ("embedding", Embedding(), (3, 6), True), ("vit", Vit(), (2, 2, 8, 8), False),
]
answers = {}
for name, model, shape, tokens in cases:
    for exporter in ["legacy", "dynamo"]:
        file, answer = export(name, model, shape, exporter, tokens)
        answers[file] = answer
json.dump(answers, open("answers.json", "w"), indent=1)
