export type { SweepErrorCode } from "./errors.ts";
export { SweepError } from "./errors.ts";
export { batchSizes, gridSweeper } from "./grid-sweeper.ts";
export { sweepParams } from "./sweep-params.ts";
export type { SweepSlot } from "./sweep-slots.ts";
export { slotName, sweepSlots } from "./sweep-slots.ts";
export type { PointOutcome, Sweeper, SweeperFactory, SweepPoint, SweepRequest } from "./sweeper.ts";
export { builtinSweepers, findSweeper } from "./sweeper-registry.ts";
