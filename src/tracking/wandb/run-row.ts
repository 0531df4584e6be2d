import { metricJson } from "./value-json.ts";

/** A value of a row: the parts of its name, and its JSON text. */
export interface RowItem {
  readonly path: readonly string[];
  readonly json: string;
}

/** The item that says where a row belongs that could not be written there: W&B's own `_step` never goes back. */
export const OWN_STEP = "ttm/step";

/** One row of a run's history: what was logged at one step, until the next step begins. */
export class RunRow {
  readonly step: number;
  readonly #items = new Map<string, RowItem>();
  #epoch: number | undefined;
  #time = 0;

  constructor(step: number) {
    this.step = step;
  }

  /** Whether these values belong here: same step, and none of them is here already. */
  takes(step: number, items: readonly RowItem[]): boolean {
    return step === this.step && !items.some(({ path }) => this.#items.has(path.join("\0")));
  }

  add(time: number, epoch: number | undefined, items: readonly RowItem[]): void {
    this.#time = Math.max(this.#time, time);
    this.#epoch = epoch ?? this.#epoch;
    for (const item of items) this.#items.set(item.path.join("\0"), item);
  }

  /** Its items with `_timestamp`, `_runtime` (seconds since `startTime`) and `_step`, which is `written`. */
  items(startTime: number, written: number): readonly RowItem[] {
    const item = (name: string, value: number): RowItem => ({ path: [name], json: metricJson(value) });
    const own = [...this.#items.values()];
    if (this.#epoch !== undefined && !this.#items.has("epoch")) own.push(item("epoch", this.#epoch));
    if (written !== this.step) own.push(item(OWN_STEP, this.step));
    return [
      ...own,
      item("_timestamp", this.#time / 1_000),
      item("_runtime", secondsSince(startTime, this.#time)),
      item("_step", written),
    ];
  }

  /** When its last value was measured, in milliseconds since 1970. */
  get time(): number {
    return this.#time;
  }
}

export function secondsSince(startTime: number, time: number): number {
  return Math.max(0, time - startTime) / 1_000;
}
