import { TtmError } from "../../core/index.ts";

export type WandbErrorCode = "WANDB_SETTING" | "WANDB_FILE" | "WANDB_STEP_BACK";

/** A fault of the W&B tracker. */
export class WandbError extends TtmError<WandbErrorCode> {}
