export type { SweepErrorCode } from "./errors.ts";
export { SweepError } from "./errors.ts";
export { gridSweeper } from "./grid-sweeper.ts";
export { sweepParams } from "./sweep-params.ts";
export type { SweepSlot } from "./sweep-slots.ts";
export { sweepSlots } from "./sweep-slots.ts";
export type { PointOutcome, Sweeper, SweeperFactory, SweepPoint, SweepRequest } from "./sweeper.ts";
export { findSweeper } from "./sweeper-registry.ts";
