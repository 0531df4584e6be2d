import { TtmError } from "../../src/core/index.ts";

export type BenchErrorCode =
  | "BENCH_BAD_OPTION"
  | "BENCH_NO_BUILD"
  | "BENCH_NO_SHARED"
  | "BENCH_PEER_FAILED"
  | "BENCH_RUN_FAILED"
  | "BENCH_UNKNOWN_NAME";

/** A measurement that cannot be made, and what to do about it. */
export class BenchError extends TtmError<BenchErrorCode> {}
