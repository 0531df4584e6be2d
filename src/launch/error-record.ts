import { TtmError } from "../core/index.ts";

/** An error as JSON holds it. */
export interface ErrorRecord {
  /** A user's error has its code; another one its class's name. */
  readonly code: string;
  readonly message: string;
  readonly where: string | null;
  readonly fix: string | null;
  /** Only of errors that are no user's. */
  readonly stack: string | null;
}

/** An error that a job in another process met; its code is that of the room which threw it there. */
export class JobError extends TtmError {}

export function errorRecord(error: unknown): ErrorRecord {
  if (error instanceof TtmError) {
    const { code, message, where, fix = null } = error;
    const place = where && [where.text, ...(where.detail ?? [])].join("\n");
    return { code, message, where: place ?? null, fix, stack: null };
  }
  if (error instanceof Error) {
    const { name, message, stack = null } = error;
    return { code: name, message, where: null, fix: null, stack };
  }
  return { code: "Error", message: String(error), where: null, fix: null, stack: null };
}

/** The error again, to be printed as where it was thrown. */
export function errorFromRecord({ code, message, where, fix, stack }: ErrorRecord): Error {
  if (stack !== null) return Object.assign(new Error(message), { name: code, stack });
  const [text = "", ...detail] = where?.split("\n") ?? [];
  return new JobError(code, message, {
    where: where === null ? undefined : { text, detail },
    fix: fix ?? undefined,
  });
}
