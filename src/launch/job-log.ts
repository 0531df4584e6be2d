import { appendFileSync } from "node:fs";
import type { PlainValue } from "../config/index.ts";
import { pythonStr } from "../config/index.ts";
import type { LogLevel } from "./job.ts";

const levels: Readonly<Record<string, number>> = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
};

const defaultFormat = "[%(asctime)s][%(name)s][%(levelname)s] - %(message)s";

export type JobLog = (line: string, level?: LogLevel) => void;

interface LogTarget {
  readonly format: string;
  write(text: string): void;
}

export interface JobLogOptions {
  /** The resolved `hydra.job_logging` node: Python's logging dictionary. */
  readonly logging: PlainValue | undefined;
  readonly name: string;
  /** Whether `hydra.verbose` lowers the level to DEBUG. */
  readonly verbose: boolean;
  /** Where console handlers write. */
  stderr(text: string): void;
  now(): Date;
}

/**
 * The job's log as `hydra.job_logging` asks: the handlers of the root logger, their formatters, and the root's level.
 * A handler with a `filename` makes that file at once (so it is there even if nothing is logged) and appends to it;
 * one with a `stream` writes to standard error, whatever the stream, because standard output belongs to the task.
 */
export function openJobLog(options: JobLogOptions): JobLog {
  const root = field(options.logging, "root");
  const limit = options.verbose ? 10 : (levels[text(field(root, "level")) ?? "INFO"] ?? 20);
  const targets = names(field(root, "handlers")).flatMap((name) => logTarget(options, name));
  return (line, level = "INFO") => {
    if ((levels[level] ?? 0) < limit) return;
    const stamp = timeStamp(options.now());
    for (const target of targets)
      target.write(`${formatLine(target.format, { line, level, stamp, name: options.name })}\n`);
  };
}

function logTarget(options: JobLogOptions, name: string): LogTarget[] {
  const handler = field(field(options.logging, "handlers"), name);
  const formatter = field(field(options.logging, "formatters"), text(field(handler, "formatter")) ?? "");
  const format = text(field(formatter, "format")) ?? defaultFormat;
  const filename = text(field(handler, "filename"));
  if (filename !== undefined) {
    appendFileSync(filename, "");
    return [{ format, write: (line) => appendFileSync(filename, line) }];
  }
  if (field(handler, "stream") === undefined) return [];
  return [{ format, write: options.stderr }];
}

function formatLine(
  format: string,
  parts: { line: string; level: string; stamp: string; name: string },
): string {
  const values: Record<string, string> = {
    asctime: parts.stamp,
    name: parts.name,
    levelname: parts.level,
    message: parts.line,
  };
  return format.replace(/%\((\w+)\)-?\d*s/g, (whole, key: string) => values[key] ?? whole);
}

/** `2026-11-25 10:03:04,005`, local time, as Python's logging prints it. */
function timeStamp(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function field(value: PlainValue | undefined, key: string): PlainValue | undefined {
  return value instanceof Map ? value.get(key) : undefined;
}

function text(value: PlainValue | undefined): string | undefined {
  return value === undefined || value === null ? undefined : pythonStr(value);
}

function names(value: PlainValue | undefined): string[] {
  return Array.isArray(value) ? value.map((item: PlainValue) => pythonStr(item)) : [];
}
