import { type ConfigError, configError } from "../errors.ts";
import { type FileOrigin, originText } from "../origin.ts";

/** The error for a key that a map has twice; `origin` is where the second stands. */
export function duplicateKey(key: string, origin: FileOrigin): ConfigError {
  return configError("CONFIG_DUPLICATE_KEY", `'${key}' is here twice`, {
    where: originText(origin),
    fix: "keep one of the two",
  });
}
