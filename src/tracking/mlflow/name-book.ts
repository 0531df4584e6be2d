import { cleanName, cutText, KEY_AT_MOST } from "./clean-name.ts";

/**
 * The server's name for each of a run's names. Two names that would become one are told apart by `_2`, `_3`, …, in the order in which
 * they first appear; so reading the journal again from its beginning gives the same names.
 */
export class NameBook {
  readonly #onChange: (name: string, clean: string) => void;
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(onChange: (name: string, clean: string) => void) {
    this.#onChange = onChange;
  }

  nameOf(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const clean = this.#free(cleanName(name));
    this.#names.set(name, clean);
    this.#taken.add(clean);
    if (clean !== name) this.#onChange(name, clean);
    return clean;
  }

  #free(name: string): string {
    let free = name;
    for (let n = 2; this.#taken.has(free); n++) free = `${cutText(name, KEY_AT_MOST - `_${n}`.length)}_${n}`;
    return free;
  }
}
