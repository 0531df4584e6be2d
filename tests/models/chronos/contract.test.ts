import { describeModelContract } from "../../contracts/model.ts";
import { tinyBolt } from "./support.ts";

const rows = {
  plain: {},
  "without the REG token": { chronos_config: { use_reg_token: false } },
  "whose patches overlap": { chronos_config: { input_patch_stride: 4 } },
  "whose levels do not hold the median": { chronos_config: { quantiles: [0.2, 0.4, 0.8] } },
  "that forecasts the first steps": { prediction_filter_length: 4 },
  "with a deeper decoder": { num_decoder_layers: 3 },
};

for (const [name, overrides] of Object.entries(rows)) {
  describeModelContract(`a Chronos-Bolt ${name}`, {
    create: () => tinyBolt(overrides),
    channels: 3,
    mixesChannels: false,
  });
}
