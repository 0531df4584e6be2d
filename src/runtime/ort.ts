import ort from "onnxruntime-node";

/**
 * Faults reach the caller as errors, so ONNX Runtime itself prints nothing less than a fatal one. Must be set before
 * the first session of the process.
 */
ort.env.logLevel = "fatal";

/** The same for a session or a run: 4 is fatal. */
export const SILENT = 4;

/** The version of onnxruntime-node; a CUDA provider must have the same. */
export const ORT_VERSION = ort.env.versions.node ?? ort.env.versions.common;

export { ort };
