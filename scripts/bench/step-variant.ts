/** One row of the step's table: what is trained, and with which dropout. */
export interface StepVariant {
  readonly targets: string;
  readonly dropout: keyof typeof dropoutRates;
  readonly threads: number;
  readonly device: (typeof devices)[number];
  /** Half precision of the products, by the baseline's names. */
  readonly amp: keyof typeof precisions;
  readonly stepsPerRun: number;
  readonly steps: number;
  readonly warmup: number;
  /** Windows a piece; null: the engine's choice. */
  readonly microBatch: number | null;
  /** Whether an epoch and the test windows are timed too. */
  readonly epoch: boolean;
  readonly model: string;
  readonly data: string;
}

/** Rates of the encoder and of the head; `recipe` is IBM's for ETT. */
export const dropoutRates = {
  off: { dropout: 0, headDropout: 0 },
  published: { dropout: 0.4, headDropout: 0.4 },
  recipe: { dropout: 0.4, headDropout: 0.7 },
} as const;

export const devices = ["cpu", "cuda"] as const;

export const precisions = { none: "float32", fp16: "float16", bf16: "bfloat16" } as const;

export const targetNames = ["all-linear", "decoder-head"] as const;
