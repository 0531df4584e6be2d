export { closestNames, didYouMean } from "./closest-name.ts";
export type { ErrorWhere, TtmErrorOptions } from "./errors.ts";
export { formatError, TtmError, TtmErrors, throwAll } from "./errors.ts";
export { Random } from "./random.ts";
