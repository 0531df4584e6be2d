/** Where a fault lies: a file position, an override word, a graph node, a request. */
export interface ErrorWhere {
  /** One line for people, such as `conf/config.yaml:3:7` or `override 1 of 2   modle=ttm`. */
  readonly text: string;
  /** Further lines under it, such as a caret line. Printed aligned with `text`. */
  readonly detail?: readonly string[];
}

export interface TtmErrorOptions {
  readonly where?: ErrorWhere | string | undefined;
  /** What to type or change. */
  readonly fix?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Base of every error that a user can cause or mend: a stable `code`, what happened, where, and the fix.
 * Each room extends it in its own `errors.ts` with a closed union of codes.
 */
export class TtmError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly where: ErrorWhere | undefined;
  readonly fix: string | undefined;

  constructor(code: Code, what: string, options: TtmErrorOptions = {}) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.where = typeof options.where === "string" ? { text: options.where } : options.where;
    this.fix = options.fix;
  }
}

/** Several faults found in one go; printed one after the other. */
export class TtmErrors extends AggregateError {
  declare errors: TtmError[];

  constructor(errors: readonly TtmError[]) {
    super([...errors], errors.map((error) => error.message).join("; "));
    this.name = "TtmErrors";
  }
}

/** Throws nothing for no faults, the fault itself for one, and {@link TtmErrors} for several. */
export function throwAll(errors: readonly TtmError[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new TtmErrors(errors);
}

/**
 * The printed form of a fault, without a stack:
 *
 *     error CONFIG_UNKNOWN_GROUP: no config group 'modle'
 *       at   override 1 of 2   modle=ttm
 *                              ^^^^^
 *       fix  did you mean 'model'? it offers: chronos, ttm
 */
export function formatError(error: TtmError): string {
  const lines = [`error ${error.code}: ${error.message}`];
  if (error.where) {
    lines.push(`  at   ${error.where.text}`);
    for (const line of error.where.detail ?? []) lines.push(`       ${line}`);
  }
  if (error.fix) lines.push(`  fix  ${error.fix.replaceAll("\n", "\n       ")}`);
  return lines.join("\n");
}
