import type { z } from "zod";
import type { Composition, ConfigStore } from "../config/index.ts";
import { plainView, validate, validateStored } from "../config/index.ts";

/** A schema, or how to load it: a command that only shows something does not wait for it. */
export type SchemaSource<Schema> = Schema | (() => Promise<Schema>);

/** Validates a composed config; throws what is wrong with it. */
export type Check = (composition: Composition) => unknown;

/**
 * What the task of an app receives: the schema's output, or the config as unchecked data where there is none.
 *
 * @param store  its schemas check what stands in their places
 */
export async function loadCheck(
  source: SchemaSource<z.ZodType | undefined>,
  store: ConfigStore = {},
): Promise<Check> {
  const schema = typeof source === "function" ? await source() : source;
  return (composition) => {
    const output = schema === undefined ? plainView(composition) : validate(composition, schema);
    validateStored(composition, store);
    return output;
  };
}
