import { TtmError } from "../core/index.ts";

export type LoraErrorCode =
  | "LORA_BAD_CONFIG"
  | "LORA_BAD_FILE"
  | "LORA_BAD_PATTERN"
  | "LORA_BAD_RANK"
  | "LORA_BAD_SHAPE"
  | "LORA_DOES_NOT_FIT"
  | "LORA_MISSING_TENSOR"
  | "LORA_NO_ADAPTER"
  | "LORA_NO_BIAS"
  | "LORA_NO_TARGET"
  | "LORA_NOT_FINITE"
  | "LORA_NOT_LINEAR"
  | "LORA_UNEXPECTED_TENSOR"
  | "LORA_UNSUPPORTED";

/** A fault in an adapter: its settings, the layers it names, or its files. */
export class LoraError extends TtmError<LoraErrorCode> {}
