"""Writes plateau.json: the rate after each epoch as torch.optim.lr_scheduler.ReduceLROnPlateau has it: python make_plateau.py"""
import json, os, torch
# plateau rates as torch has them
losses=[1.0,0.9,0.9,0.91,0.905,0.8,0.81,0.82,0.83,0.84,0.79995,0.7,0.71,0.72,0.73,0.74,0.75]
out={"made_with":f"torch {torch.__version__}","cases":[]}
for kw in [dict(factor=0.5,patience=1,threshold=1e-4,cooldown=0,min_lr=0.0),dict(factor=0.1,patience=0,threshold=0.05,cooldown=2,min_lr=1e-4),dict(factor=0.5,patience=2,threshold=0.0,cooldown=1,min_lr=0.02)]:
    p=torch.nn.Parameter(torch.zeros(1)); o=torch.optim.SGD([p],lr=0.1); s=torch.optim.lr_scheduler.ReduceLROnPlateau(o,**kw)
    rates=[o.param_groups[0]["lr"]]
    for l in losses:
        s.step(l); rates.append(o.param_groups[0]["lr"])
    out["cases"].append({"options":kw,"rates":rates})
out["losses"]=losses
json.dump(out,open(os.path.join(os.path.dirname(__file__), "plateau.json"), "w"),indent=1)
