"""Writes matching.json and the folders below peft/: what PEFT itself chooses, saves and computes.

    python make.py        made with peft 0.21.2, torch 2.13.0, safetensors 0.8.0

The model is small and random: two mixers (layer norm, mlp, gate) and a head, linear layers of 4 to 8 features, one
without a bias. Expected outputs are computed in float64 from float32 weights.
"""

import json
import pathlib
import re
import warnings

import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.tuners_utils import _ExcludedModule, check_target_module_exists
from peft.utils.other import get_pattern_key
from safetensors.torch import save_file
from torch import nn

here = pathlib.Path(__file__).parent
warnings.filterwarnings("ignore")


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn_layer = nn.Linear(4, 4)

    def forward(self, x):
        return x * torch.softmax(self.attn_layer(x), -1)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 8)
        self.fc2 = nn.Linear(8, 4)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.mlp = Mlp()
        self.gate = Gate()

    def forward(self, x):
        return self.gate(self.mlp(self.norm(x)) + x)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(4, 6, bias=False)
        self.out = nn.Linear(6, 3)

    def forward(self, x):
        return self.out(self.wide(x))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Module()
        self.enc.mixers = nn.ModuleList([Mixer(), Mixer()])
        self.head = Head()

    def forward(self, x):
        for mixer in self.enc.mixers:
            x = mixer(x)
        return self.head(x)


def base():
    torch.manual_seed(7)
    model = Model()
    with torch.no_grad():
        for p in model.parameters():
            p.uniform_(-0.8, 0.8)
    return model


adapters = {
    "plain": dict(r=2, lora_alpha=5, target_modules=["fc1", "fc2"]),
    "rslora": dict(r=3, lora_alpha=4, target_modules=["fc1", "head.out"], use_rslora=True),
    "dora": dict(r=2, lora_alpha=3, target_modules=["fc2", "wide", "attn_layer"], use_dora=True),
    "patterns": dict(r=2, lora_alpha=4, target_modules=["fc1", "fc2", "wide"], rank_pattern={"fc1": 1, "mixers\\.0\\..*": 3},
                     alpha_pattern={"^enc\\.mixers\\.1\\.mlp\\.fc2": 7, "wide": 1}),
    "regex": dict(r=2, lora_alpha=4, target_modules=".*mixers\\.[01]\\.(mlp\\.fc1|gate\\.attn_layer)"),
    "all-linear": dict(r=1, lora_alpha=2, target_modules="all-linear", exclude_modules=["out"]),
    "layers": dict(r=2, lora_alpha=4, target_modules=["fc1", "attn_layer"], layers_to_transform=[1], layers_pattern="mixers"),
    "bias-all": dict(r=2, lora_alpha=4, target_modules=["fc1"], bias="all"),
    "bias-lora-only": dict(r=2, lora_alpha=4, target_modules=["fc1", "wide"], bias="lora_only"),
    "lora-bias": dict(r=2, lora_alpha=6, target_modules=["fc1", "out"], lora_bias=True, bias="lora_only"),
    "saved": dict(r=2, lora_alpha=4, target_modules=["fc1", "out"], modules_to_save=["gate", "head"]),
    "saved-bias-all": dict(r=2, lora_alpha=4, target_modules=["fc1"], modules_to_save=["head", "gate.attn_layer"], bias="all"),
    "dora-saved": dict(r=2, lora_alpha=4, target_modules=["fc1", "fc2"], use_dora=True, use_rslora=True, modules_to_save=["head.out"],
                       rank_pattern={"fc2": 1}),
}


def make_adapters():
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(3))
    save_file({k: v.clone() for k, v in base().state_dict().items()}, here / "peft" / "base.safetensors")
    save_file({"x": x, "y": base().double()(x.double()).float()}, here / "peft" / "base-output.safetensors")
    for name, settings in adapters.items():
        model = get_peft_model(base(), LoraConfig(**settings))
        torch.manual_seed(11)
        with torch.no_grad():
            for key, p in model.named_parameters():
                if p.requires_grad:
                    p.copy_(torch.empty_like(p).uniform_(0.4, 1.2) if "magnitude" in key else torch.empty_like(p).uniform_(-0.5, 0.5))
        model.save_pretrained(here / "peft" / name)
        (here / "peft" / name / "README.md").unlink(missing_ok=True)
        trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
        model = model.eval().double()
        y = model(x.double())
        merged = model.merge_and_unload()
        state = {f"merged.{k}": v.float() for k, v in merged.state_dict().items()}
        save_file({"y": y.float(), "trainable": torch.tensor([trainable]), **state}, here / "peft" / name / "expected.safetensors")


ttm = ["backbone", "backbone.encoder", "backbone.encoder.patcher", "head", "head.dropout_layer", "head.base_forecast_block",
       "decoder", "decoder.adapter"]
for stack, layers in [("backbone.encoder.mlp_mixer_encoder.mixers.0.mixer_layers", 2),
                      ("backbone.encoder.mlp_mixer_encoder.mixers.1.mixer_layers", 2), ("decoder.decoder_block.mixers", 2)]:
    for i in range(layers):
        for kind in ["patch_mixer", "feature_mixer"]:
            ttm += [f"{stack}.{i}.{kind}{part}" for part in ["", ".norm", ".mlp", ".mlp.fc1", ".mlp.fc2", ".gating_block.attn_layer"]]
other = ["fc1", "myfc1", "layers.0.fc1", "model.layers.0.fc1", "model.layers.1.experts.3.fc1", "h.2.attn.q", "t.h.2.attn.q", "q", "a.q", "a.b.q"]

settings = [
    dict(target_modules=["fc1"]),
    dict(target_modules=["fc1", "fc2", "attn_layer"]),
    dict(target_modules=["mlp.fc1"]),
    dict(target_modules=["p.fc1"]),
    dict(target_modules=["mlp"]),
    dict(target_modules=["q_proj", "k_proj"]),
    dict(target_modules=["decoder.adapter", "base_forecast_block"]),
    dict(target_modules="decoder\\..*\\.(fc1|fc2)|head\\.base_forecast_block"),
    dict(target_modules="fc1"),
    dict(target_modules=".*fc1"),
    dict(target_modules="head\\..*"),
    dict(target_modules="(?i).*FC2"),
    dict(target_modules=".*(?P<n>fc)1"),
    dict(target_modules=["fc1"], exclude_modules=["patch_mixer.mlp.fc1"]),
    dict(target_modules=["fc1"], exclude_modules=".*patch_mixer.*"),
    dict(target_modules=["fc1"], exclude_modules="patch_mixer"),
    dict(target_modules=["fc1"], exclude_modules=["decoder"]),
    dict(target_modules=["fc1", "base_forecast_block"], modules_to_save=["head"]),
    dict(target_modules=["fc1", "fc2"], modules_to_save=["decoder_block"]),
    dict(target_modules=["fc1", "fc2"], modules_to_save=["mlp.fc2"]),
    dict(target_modules=["fc1"], modules_to_save=["c1"]),
    dict(target_modules=["fc1"], layers_to_transform=[0]),
    dict(target_modules=["fc1"], layers_to_transform=1),
    dict(target_modules=["fc1"], layers_to_transform=[1], layers_pattern="mixers"),
    dict(target_modules=["fc1"], layers_to_transform=[1], layers_pattern="mixer_layers"),
    dict(target_modules=["fc1"], layers_to_transform=[0], layers_pattern=["nope", "mixer_layers"]),
    dict(target_modules=["fc1"], layers_to_transform=[0], layers_pattern="nope"),
    dict(target_modules=["fc1"], layers_to_transform=[], layers_pattern="mixers"),
    dict(target_modules=["fc1"], layers_to_transform=[0], layers_pattern=[]),
    dict(target_modules=["fc1"], layers_to_transform=3, layers_pattern="experts"),
    dict(target_modules=["decoder.decoder_block.mixers.0.patch_mixer.mlp.fc1", "fc2"], layers_to_transform=[1], layers_pattern="mixers"),
    dict(target_modules=["q"], layers_to_transform=[2], layers_pattern="h"),
    dict(target_modules=["q"], layers_to_transform=[2]),
    dict(target_modules=["q", "fc1"], layers_to_transform=[0], layers_pattern="layers"),
    dict(target_modules=["fc1"], rank_pattern={"fc1": 3}, alpha_pattern={"decoder\\..*": 9}),
    dict(target_modules=["fc1", "fc2"], rank_pattern={"c1": 3, "mixers.0.patch_mixer.mlp.fc1": 2, ".*fc1": 5}),
    dict(target_modules=["fc1", "fc2"], rank_pattern={"^decoder.*fc1": 2, "fc1|fc2": 5}, alpha_pattern={"^fc1": 1}, use_rslora=True),
    dict(target_modules=["q"], alpha_pattern={"a": 1, "b.q": 2, "q": 3}),
]


def make_matching():
    rows = []
    for given in settings:
        config = LoraConfig(r=4, lora_alpha=6, **given)
        found = {}
        for key in ttm + other:
            result = check_target_module_exists(config, key)
            if result and not isinstance(result, _ExcludedModule):
                r = config.rank_pattern.get(get_pattern_key(config.rank_pattern.keys(), key), config.r)
                alpha = config.alpha_pattern.get(get_pattern_key(config.alpha_pattern.keys(), key), config.lora_alpha)
                found[key] = [r, alpha]
        rows.append({"config": given, "matched": found})
    text = json.dumps({"modules": ttm + other, "r": 4, "lora_alpha": 6, "rows": rows}, indent=1)
    # one module or row a line
    (here / "matching.json").write_text(re.sub(r"\[\s+(\d+),\s+(\d+)\s+\]", r"[\1, \2]", text) + "\n")


(here / "peft").mkdir(exist_ok=True)
make_adapters()
make_matching()
