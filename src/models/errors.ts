import { TtmError } from "../core/index.ts";

export type ModelErrorCode =
  | "MODEL_BAD_CONFIG"
  | "MODEL_BAD_INPUT"
  | "MODEL_NOT_FOUND"
  | "MODEL_NO_WEIGHTS"
  | "MODEL_UNSUPPORTED"
  | "MODEL_WEIGHTS_MISMATCH";

/** A fault in a checkpoint, its configuration, or in what is asked of a model. */
export class ModelError extends TtmError<ModelErrorCode> {}
