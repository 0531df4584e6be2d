import { isAbsolute, relative } from "node:path";

export interface FileOrigin {
  readonly kind: "file";
  /** Absolute path, or a name such as `<text>`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface OverrideOrigin {
  readonly kind: "override";
  /** The word as typed. */
  readonly text: string;
  /** From 0. */
  readonly index: number;
  /** How many words there are. */
  readonly total: number;
}

/** A value that no file and no word gave: filled in by the engine, or made by a resolver. */
export interface EngineOrigin {
  readonly kind: "engine";
  readonly what: string;
}

/** Where a value came from. */
export type Origin = FileOrigin | OverrideOrigin | EngineOrigin;

export function engineOrigin(what: string): EngineOrigin {
  return { kind: "engine", what };
}

/** `conf/training/default.yaml:3:16`, `override 1 of 2   lr=1`, or the engine's words. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case "file":
      return `${shortPath(origin.file)}:${origin.line}:${origin.column}`;
    case "override":
      return `override ${origin.index + 1} of ${origin.total}   ${origin.text}`;
    case "engine":
      return origin.what;
  }
}

/** The path relative to the working directory where it lies below it, else as it is. */
export function shortPath(file: string): string {
  if (!isAbsolute(file)) return file;
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith("..") ? file : path;
}
