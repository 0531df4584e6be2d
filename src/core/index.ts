export { closestNames, didYouMean } from "./closest-name.ts";
export type { ErrorWhere, TtmErrorOptions } from "./errors.ts";
export { formatError, TtmError, TtmErrors, throwAll } from "./errors.ts";
export { type FileLock, isFileLock, type LockHolder, lockHolder, takeLock } from "./file-lock.ts";
export { formatDuration } from "./format-duration.ts";
export { isRunning, type ProcessIdentity, thisProcess } from "./process-identity.ts";
export { Random } from "./random.ts";
