export type { SessionValue } from "./check-feeds.ts";
export {
  type Device,
  type DeviceDescription,
  type DeviceStatus,
  describeDevice,
  listDevices,
  requireDevice,
  resolveDevice,
} from "./devices.ts";
export { OrtError, type RuntimeErrorCode } from "./errors.ts";
export { evaluate } from "./evaluate.ts";
export { type RuntimeSettings, runtimeSchema, workerCount } from "./schema.ts";
export { createSession, type ModelSource, type Session, type SessionOptions } from "./session.ts";
export type { WorkerCalls } from "./worker/protocol.ts";
export { reviveError, type SerializedError, serializeError } from "./worker/serialize-error.ts";
export { serveWorker, Transferred, type WorkerHandlers } from "./worker/serve-worker.ts";
export { type SpawnWorkerOptions, spawnWorker, type WorkerHandle } from "./worker/spawn-worker.ts";
export { workerUrl } from "./worker/worker-url.ts";
