import { TtmError } from "../core/index.ts";

export type ModelErrorCode =
  | "MODEL_BAD_CONFIG"
  | "MODEL_BAD_INPUT"
  | "MODEL_CHECKSUM"
  | "MODEL_DOWNLOAD_FAILED"
  | "MODEL_HUB_REFUSED"
  | "MODEL_HUB_UNREACHABLE"
  | "MODEL_NOT_FOUND"
  | "MODEL_NO_WEIGHTS"
  | "MODEL_UNSUPPORTED"
  | "MODEL_WEIGHTS_MISMATCH";

/** A fault in a checkpoint, its configuration, or in what is asked of a model. */
export class ModelError extends TtmError<ModelErrorCode> {}
