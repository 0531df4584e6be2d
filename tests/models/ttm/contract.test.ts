import { describeModelContract } from "../../contracts/model.ts";
import { tinyTtm } from "../support.ts";

const rows = {
  plain: {},
  "with a frequency token": { resolution_prefix_tuning: true },
  "that picks channels and steps": { prediction_channel_indices: [0, 2], prediction_filter_length: 4 },
  "with batch norm": { norm_mlp: "BatchNorm" },
  "that mixes channels": { mode: "mix_channel", decoder_mode: "mix_channel" },
  "with known future columns": { enable_forecast_channel_mixing: true, exogenous_channel_indices: [1] },
  "with attention": { self_attn: true, self_attn_heads: 2 },
};

for (const [name, overrides] of Object.entries(rows)) {
  describeModelContract(`a TTM ${name}`, {
    create: () => tinyTtm(overrides),
    channels: 3,
    mixesChannels: /mode|indices/.test(Object.keys(overrides).join()),
  });
}
