// What the command offers to programs.
export { type SweepOptions, sweep } from "./sweep.ts";
export type { SweptValues } from "./sweep-override.ts";
