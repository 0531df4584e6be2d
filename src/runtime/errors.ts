import { TtmError } from "../core/index.ts";

export type RuntimeErrorCode =
  | "RUNTIME_BAD_FEED"
  | "RUNTIME_BAD_MODEL"
  | "RUNTIME_DEVICE_UNAVAILABLE"
  | "RUNTIME_MISSING_FEED"
  | "RUNTIME_RELEASED"
  | "RUNTIME_RUN_FAILED"
  | "RUNTIME_UNKNOWN_FEED"
  | "RUNTIME_UNKNOWN_OUTPUT"
  | "RUNTIME_UNSUPPORTED_DTYPE"
  | "RUNTIME_WORKER_CRASHED"
  | "RUNTIME_WORKER_MESSAGE"
  | "RUNTIME_WORKER_STOPPED";

/** A fault in what was given to ONNX Runtime, in ONNX Runtime itself, or in a worker thread. */
export class OrtError extends TtmError<RuntimeErrorCode> {}
