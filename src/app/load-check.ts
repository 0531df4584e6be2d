import type { z } from "zod";
import type { Composition } from "../config/index.ts";
import { validate } from "../config/index.ts";

/** A schema, or how to load it: a command that only shows something does not wait for it. */
export type SchemaSource<Schema> = Schema | (() => Promise<Schema>);

/** Validates a composed config; throws what is wrong with it. */
export type Check = (composition: Composition) => unknown;

/** What the task of an app receives: the schema's output, or the composed node where there is none. */
export async function loadCheck(source: SchemaSource<z.ZodType | undefined>): Promise<Check> {
  const schema = typeof source === "function" ? await source() : source;
  if (schema === undefined) return (composition) => composition.config;
  return (composition) => validate(composition, schema);
}
