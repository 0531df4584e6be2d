import { distance } from "fastest-levenshtein";

/** The names most like `name`, best first, leaving out those too far off to be a slip of the hand. */
export function closestNames(name: string, candidates: Iterable<string>, most = 3): string[] {
  // Of a short word, two changes leave nothing.
  const limit = name.length <= 4 ? 1 : Math.ceil(name.length * 0.4);
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, score: slips(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ score }) => score <= limit)
    .sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Letters that are wrong, missing or too many; two that changed places are one slip. */
function slips(one: string, other: string): number {
  const letters = distance(one, other);
  if (letters !== 2 || one.length !== other.length) return letters;
  const at = [...one].findIndex((_, index) => one[index] !== other[index]);
  const swapped = one.slice(0, at) + one.charAt(at + 1) + one.charAt(at) + one.slice(at + 2);
  return swapped === other ? 1 : letters;
}

/** `did you mean 'model'?`, or undefined where nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = closestNames(name, candidates);
  return names.length === 0 ? undefined : `did you mean ${names.map((n) => `'${n}'`).join(" or ")}?`;
}
