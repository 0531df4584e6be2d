import { type ErrorWhere, TtmError, TtmErrors } from "../../core/index.ts";

/** An error as plain data, so that code, where and fix survive `postMessage` (which keeps the message only). */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  readonly where?: ErrorWhere | undefined;
  readonly fix?: string | undefined;
  readonly cause?: SerializedError | undefined;
  /** The faults of a {@link TtmErrors}. */
  readonly errors?: readonly SerializedError[] | undefined;
}

export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const cause = error.cause === undefined ? undefined : serializeError(error.cause);
  const plain = { name: error.name, message: error.message, stack: error.stack, cause };
  if (error instanceof TtmErrors) return { ...plain, errors: error.errors.map(serializeError) };
  if (!(error instanceof TtmError)) return plain;
  return { ...plain, code: error.code, where: error.where, fix: error.fix };
}

/** The error again: a {@link TtmError} or {@link TtmErrors} where it was one, with its name and its worker's stack. */
export function reviveError(data: SerializedError): Error {
  const error = build(data);
  error.name = data.name;
  if (data.stack !== undefined) error.stack = data.stack;
  return error;
}

function build(data: SerializedError): Error {
  const cause = data.cause && reviveError(data.cause);
  if (data.errors)
    return new TtmErrors(data.errors.map(reviveError).filter((error) => error instanceof TtmError));
  if (data.code !== undefined) {
    return new TtmError(data.code, data.message, { where: data.where, fix: data.fix, cause });
  }
  return cause ? new Error(data.message, { cause }) : new Error(data.message);
}
