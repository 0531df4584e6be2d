/**
 * Runs the sides in turn, A B A B …, so that a busy minute of the machine hits both.
 *
 * @returns the results of each side, in the order of `sides`
 */
export async function inTurn<Result>(
  rounds: number,
  sides: readonly (() => Promise<Result>)[],
): Promise<Result[][]> {
  const results: Result[][] = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) results[index]?.push(await side());
  }
  return results;
}
