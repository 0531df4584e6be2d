"""Writes optimizers.json: parameters after each of 6 steps on fixed gradients, in float64.

torch 2.13 (Adam), transformers 4.56 (Adafactor with relative_step=False, scale_parameter=False), Lion by the paper's
algorithm 2:   python make.py > optimizers.json
"""
import json

import numpy as np
import torch
from transformers.optimization import Adafactor

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(3)
shapes = [[3, 4], [5], [8, 2]]
start = [rng.standard_normal(s) for s in shapes]
grads = [[rng.standard_normal(s) for s in shapes] for _ in range(6)]
flat = lambda parts: [float(v) for p in parts for v in np.asarray(p).ravel()]


def run(make):
    ps = [torch.nn.Parameter(torch.tensor(s)) for s in start]
    opt, out = make(ps), []
    for g in grads:
        for p, d in zip(ps, g):
            p.grad = torch.tensor(d)
        opt.step()
        out.append(flat([p.detach().numpy() for p in ps]))
    return out


def lion(lr=0.01, b1=0.9, b2=0.99, wd=0.1):
    ps, ms, out = [s.copy() for s in start], [np.zeros(s) for s in shapes], []
    for g in grads:
        for i, d in enumerate(g):
            update = np.sign(b1 * ms[i] + (1 - b1) * d)
            ps[i] = ps[i] * (1 - lr * wd) - lr * update
            ms[i] = b2 * ms[i] + (1 - b2) * d
        out.append(flat(ps))
    return out


print(json.dumps({
    "shapes": shapes,
    "start": flat(start),
    "gradients": [flat(g) for g in grads],
    "adam": {"settings": {"name": "adam", "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.1}, "learning_rate": 0.02,
             "parameters": run(lambda ps: torch.optim.Adam(ps, lr=0.02, weight_decay=0.1))},
    "lion": {"settings": {"name": "lion", "betas": [0.9, 0.99], "weight_decay": 0.1}, "learning_rate": 0.01, "parameters": lion()},
    "adafactor": {"settings": {"name": "adafactor", "decay_rate": -0.8, "eps": 1e-30, "clip_threshold": 1.0, "weight_decay": 0.05}, "learning_rate": 0.03,
                  "parameters": run(lambda ps: Adafactor(ps, lr=0.03, relative_step=False, scale_parameter=False, weight_decay=0.05))},
}, indent=1))
