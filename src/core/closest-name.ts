import { distance } from "fastest-levenshtein";

/** The names most like `name`, best first, leaving out those too far off to be a slip of the hand. */
export function closestNames(name: string, candidates: Iterable<string>, most = 3): string[] {
  const limit = Math.max(2, Math.ceil(name.length * 0.4));
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, score: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ score }) => score <= limit)
    .sort((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** `did you mean 'model'?`, or undefined where nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = closestNames(name, candidates);
  return names.length === 0 ? undefined : `did you mean ${names.map((n) => `'${n}'`).join(" or ")}?`;
}
