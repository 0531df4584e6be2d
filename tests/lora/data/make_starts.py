"""Records what PEFT makes of two weights at the start of pissa and olora: python make_starts.py"""
import json, os, torch, peft
from peft import LoraConfig, get_peft_model
torch.manual_seed(3)
class M(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.tall = torch.nn.Linear(5, 9); self.wide = torch.nn.Linear(9, 5)
    def forward(self, x): return self.wide(torch.relu(self.tall(x)))
out = {"made_with": f"peft {peft.__version__}, torch {torch.__version__}", "cases": []}
base = M(); state = {k: v.clone() for k, v in base.state_dict().items()}
flat = lambda t: [float(x) for x in t.detach().double().flatten()]
out["weights"] = {k: flat(v) for k, v in state.items() if k.endswith("weight")}
for init in ["pissa", "olora"]:
    for rs in [False, True]:
        m = M(); m.load_state_dict(state)
        p = get_peft_model(m, LoraConfig(r=3, lora_alpha=4, target_modules=["tall", "wide"], init_lora_weights=init, use_rslora=rs))
        layers = {}
        for name in ["tall", "wide"]:
            l = getattr(p.base_model.model, name)
            # as after training, in a file that names the start: what PEFT makes of it when it loads and merges
            with torch.no_grad():
                trained = {k: getattr(l, f"lora_{k.upper()}")["default"].weight + 0.1 * torch.randn_like(getattr(l, f"lora_{k.upper()}")["default"].weight) for k in "ab"}
                merged = l.base_layer.weight + l.scaling["default"] * trained["b"] @ trained["a"]
            layers[name] = {"trained_a": flat(trained["a"]), "trained_b": flat(trained["b"]), "merged": flat(merged), "a": flat(l.lora_A["default"].weight), "b": flat(l.lora_B["default"].weight), "base": flat(l.base_layer.weight)}
        out["cases"].append({"init": init, "use_rslora": rs, "layers": layers})
json.dump(out, open(os.path.join(os.path.dirname(__file__), "peft-starts.json"), "w"), indent=1)
