interface Scored {
  /** Less is better. */
  readonly losses: readonly number[];
}

/** Whether `a` is nowhere worse than `b`, and somewhere better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.every((loss, index) => loss <= (b[index] ?? loss)) && a.some((loss, index) => loss < (b[index] ?? loss))
  );
}

/** Those that no other dominates, in their order. */
export function paretoFront<Item extends Scored>(items: readonly Item[]): Item[] {
  const front: Item[] = [];
  for (const item of items) {
    if (front.some(({ losses }) => dominates(losses, item.losses))) continue;
    const kept = front.filter(({ losses }) => !dominates(item.losses, losses));
    front.length = 0;
    front.push(...kept, item);
  }
  return front;
}

/** The `count` best: front after front, and of the front that does not fit those that add most volume one after the other. */
export function nonDominatedFirst<Item extends Scored>(items: readonly Item[], count: number): Item[] {
  const chosen: Item[] = [];
  let rest = [...items];
  while (chosen.length < count && rest.length > 0) {
    const front = paretoFront(rest);
    const room = count - chosen.length;
    chosen.push(...(front.length <= room ? front : mostVolume(front, room)));
    const taken = new Set(front);
    rest = rest.filter((item) => !taken.has(item));
  }
  return chosen;
}

/** Greedy subset of the front: each next one adds most to the volume that is dominated (Guerreiro et al. 2016). */
function mostVolume<Item extends Scored>(front: readonly Item[], count: number): Item[] {
  const reference = worstCorner(front);
  const chosen: Item[] = [];
  const left = new Set(front);
  while (chosen.length < count) {
    let best: Item | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const item of left) {
      const volume = dominatedVolume(
        [...chosen, item].map(({ losses }) => losses),
        reference,
      );
      if (volume <= most) continue;
      best = item;
      most = volume;
    }
    if (best === undefined) return chosen;
    chosen.push(best);
    left.delete(best);
  }
  return chosen;
}

/** A corner a tenth beyond the worst of each objective. */
function worstCorner(items: readonly Scored[]): number[] {
  const count = items[0]?.losses.length ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const worst = Math.max(...items.map(({ losses }) => losses[index] ?? 0));
    return worst === 0 ? 1e-12 : worst + 0.1 * Math.abs(worst);
  });
}

/** The volume between points and a corner that is worse than all of them: slice by slice of the last objective. */
export function dominatedVolume(points: readonly (readonly number[])[], corner: readonly number[]): number {
  const last = corner.length - 1;
  const sorted = points.toSorted((a, b) => (a[last] ?? 0) - (b[last] ?? 0));
  if (last === 0) return Math.max(0, (corner[0] ?? 0) - (sorted[0]?.[0] ?? corner[0] ?? 0));
  const base = corner.slice(0, last);
  return sorted.reduce((volume, point, index) => {
    const top = sorted[index + 1]?.[last] ?? corner[last] ?? 0;
    const height = top - (point[last] ?? 0);
    if (height <= 0) return volume;
    const slice = sorted.slice(0, index + 1).map((one) => one.slice(0, last));
    return volume + height * dominatedVolume(slice, base);
  }, 0);
}
