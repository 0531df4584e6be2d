import type { Composition } from "./compose/composition.ts";
import { configError } from "./errors.ts";
import type { Interpolator } from "./interpolation/interpolator.ts";
import { type Location, locationPath } from "./interpolation/location.ts";
import { isMissing } from "./node.ts";
import { originText } from "./origin.ts";
import { toPlain } from "./to-plain.ts";

/** A config as data whose types nobody has checked. */
export type PlainConfig = Readonly<Record<string, unknown>>;

/**
 * The task's config as JavaScript data. Each value is interpolated when it is first read, as in OmegaConf: what a program
 * does not read need not be there.
 *
 * @throws {ConfigError} at a read of a `???` or of an interpolation that fails
 */
export function plainView(composition: Composition): PlainConfig {
  const reader = composition.interpolator();
  return view(reader, reader.root) as PlainConfig;
}

function view(reader: Interpolator, location: Location): unknown {
  const at = reader.resolve(location);
  const { node } = at;
  if (isMissing(node)) {
    const key = locationPath(location);
    throw configError("CONFIG_MISSING_VALUE", `'${key}' has no value`, {
      where: originText(node.origin),
      fix: `give it one: ${key}=VALUE`,
    });
  }
  if (node.kind === "scalar") return toPlain(node);
  const target = node.kind === "list" ? [] : {};
  const children =
    node.kind === "list" ? node.items.map((item, n) => [BigInt(n), item] as const) : node.entries;
  for (const [key, child] of children)
    defineLazily(target, String(key), () => view(reader, { node: child, parent: at, key }));
  return target;
}

function defineLazily(target: object, key: string, read: () => unknown): void {
  Object.defineProperty(target, key, {
    enumerable: true,
    configurable: true,
    get() {
      const value = read();
      Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
      return value;
    },
  });
}
