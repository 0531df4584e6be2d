import type { AdapterPlan } from "./plan-adapters.ts";

interface CardOptions {
  readonly baseModel?: string | null;
}

/** The `README.md` of an adapter folder, with the header that the Hugging Face hub reads. */
export function modelCard({ config, targets, report }: AdapterPlan, { baseModel }: CardOptions): string {
  const { trainable, total, percent } = report.counts;
  const base = baseModel ? `\nbase_model: ${JSON.stringify(baseModel)}` : "";
  const method = config.use_dora ? "DoRA" : config.use_rslora ? "rank-stabilised LoRA" : "LoRA";
  return `---
library_name: peft${base}
tags:
- lora
- time-series-forecasting
---

# ${method} adapter

| | |
| --- | --- |
| base model | ${baseModel ?? "not named"} |
| rank, alpha, dropout | ${config.r}, ${config.lora_alpha}, ${config.lora_dropout} |
| adapted layers | ${targets.length} |
| trained values | ${trainable} of ${total} (${percent.toFixed(2)} %) |

Load it with \`ttm\`, or in Python with \`PeftModel.from_pretrained(base, "this folder")\`.
`;
}
