import { TtmError } from "../core/index.ts";

export type AutodiffErrorCode =
  | "AUTODIFF_NO_PATH"
  | "AUTODIFF_NO_RULE"
  | "AUTODIFF_NOT_A_SCALAR"
  | "AUTODIFF_SHAPE"
  | "AUTODIFF_UNKNOWN_VALUE"
  | "AUTODIFF_UNSUPPORTED_FORM";

/** A graph that cannot be differentiated as asked: names the op, the node and the types of its inputs. */
export class AutodiffError extends TtmError<AutodiffErrorCode> {}
