"""Makes the golden cases in this folder: small random TinyTimeMixers and what IBM's own code computes with them.

Made with Python 3.11, torch 2.13.0, transformers 4.56.0, granite-tsfm 0.3.2:  python make.py
Expected values are float64 from float32 weights and inputs, rounded once.
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from tsfm_public.models.tinytimemixer import TinyTimeMixerConfig, TinyTimeMixerForPrediction

BASE = dict(
    context_length=32, patch_length=8, patch_stride=8, num_input_channels=3, prediction_length=10, d_model=12,
    expansion_factor=2, num_layers=1, adaptive_patching_levels=0, decoder_d_model=8, decoder_num_layers=1,
    dropout=0.2, head_dropout=0.3,
)
FCM = dict(enable_forecast_channel_mixing=True)

CASES = {
    "levels": dict(d_model=24, adaptive_patching_levels=3, num_layers=2, decoder_d_model=16,
                   decoder_adaptive_patching_levels=2),
    "levels-too-narrow": dict(adaptive_patching_levels=3),
    "raw-residual": dict(decoder_raw_residual=True, expansion_factor=3),
    "raw-residual-frequency": dict(decoder_raw_residual=True, resolution_prefix_tuning=True, adaptive_patching_levels=2),
    "positions-sincos": dict(use_positional_encoding=True, resolution_prefix_tuning=True),
    "positions-random": dict(use_positional_encoding=True, positional_encoding_type="random"),
    "scaling-mean-masked": dict(scaling="mean"),
    "scaling-none": dict(scaling=None),
    "overlapping-patches": dict(patch_stride=5, context_length=31),
    "one-patch": dict(context_length=12),
    "no-decoder": dict(use_decoder=False, gated_attn=False),
    "same-width": dict(decoder_d_model=12),
    "mix-channel-encoder": dict(mode="mix_channel", norm_mlp="BatchNorm"),
    "mix-channel-no-gate": dict(mode="mix_channel", decoder_mode="mix_channel", gated_attn=False,
                                adaptive_patching_levels=2),
    "categories": dict(decoder_mode="mix_channel", categorical_vocab_size_list=[5, 3], decoder_raw_residual=True),
    "channel-picking": dict(prediction_channel_indices=[2, 0], prediction_filter_length=7),
    "fcm-plain": dict(**FCM, fcm_context_length=2, fcm_gated_attn=False, fcm_prepend_past=False),
    "fcm-no-context": dict(**FCM, fcm_context_length=0),
    "fcm-offset": dict(**FCM, fcm_context_length=1, fcm_prepend_past_offset=4, fcm_use_mixer=True),
    "fcm-exogenous-filter": dict(**FCM, fcm_context_length=2, exogenous_channel_indices=[0],
                                 prediction_filter_length=6, fcm_use_mixer=True, fcm_mix_layers=1),
    "self-attention": dict(self_attn=True, self_attn_heads=2, adaptive_patching_levels=2),
}


def make(name: str, overrides: dict, seed: int) -> None:
    torch.manual_seed(seed)
    config = TinyTimeMixerConfig(**{**BASE, **overrides})
    model = TinyTimeMixerForPrediction(config).eval()
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if "norm" in key and value.dtype == torch.float32:
                value += 0.2 * torch.rand_like(value)
    length = config.context_length
    channels = config.num_input_channels
    past = torch.randn(2, length, channels) * torch.tensor([1.0, 5.0, 0.3]) + torch.tensor([0.0, 20.0, -1.0])
    inputs = {"past_values": past, "future_values": torch.randn(2, config.prediction_length, channels)}
    if config.resolution_prefix_tuning:
        inputs["freq_token"] = torch.tensor([3, 1])
    if config.categorical_vocab_size_list:
        inputs["static_categorical_values"] = torch.tensor([[4, 0], [1, 2]])
    if "masked" in name:
        mask = torch.rand(2, length, channels) < 0.8
        mask[1, :, 2] = False
        inputs["past_observed_mask"] = mask
        inputs["past_values"] = past * mask
    folder = pathlib.Path(__file__).parent / f"ttm-{name}"
    (folder / "model").mkdir(parents=True, exist_ok=True)
    weights = {key: value.clone().contiguous() for key, value in model.state_dict().items()}
    save_file(weights, folder / "model" / "model.safetensors", metadata={"format": "pt"})
    keys = sorted({*BASE, *overrides})
    shown = {"architectures": ["TinyTimeMixerForPrediction"], "model_type": "tinytimemixer", "num_patches": config.num_patches}
    shown |= {key: {**BASE, **overrides}[key] for key in keys}
    (folder / "model" / "config.json").write_text(json.dumps(shown, indent=2) + "\n")
    with torch.no_grad():
        exact = model.double()
        given = {key: value.double() if value.dtype == torch.float32 else value for key, value in inputs.items()}
        output = exact(**given)
    tensors = {f"input.{key}": value.contiguous() for key, value in inputs.items()}
    tensors["expected.predictions"] = output.prediction_outputs.float().contiguous()
    tensors["expected.loss"] = output.loss.reshape(())
    save_file(tensors, folder / "tensors.safetensors")
    compare = [{"tensors": key, "scale": "max", "tolerance": 1e-5} for key in ("expected.predictions", "expected.loss")]
    case = {"format": 1, "id": f"ttm-{name}", "kind": "forward", "what": json.dumps(overrides), "family": "ttm",
            "model": "./model", "dropout": 0, "loss": "mse", "compare": compare}
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


for index, (name, overrides) in enumerate(CASES.items()):
    make(name, overrides, 100 + index)
