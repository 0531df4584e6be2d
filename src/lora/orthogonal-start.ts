import type { Random } from "../core/index.ts";
import { LoraError } from "./errors.ts";
import type { Start } from "./initialize-adapter.ts";
import type { AdapterTarget } from "./plan-adapters.ts";

/** PEFT's damping of both factors. */
const DAMPING = 10;

/**
 * A = (N·Q₀)ᵀ / 10 and B = (Nᵀ)·Q₁ / 10, with Q₀ and Q₁ the even and the odd rows of a random orthonormal basis of r
 * dimensions and N standard normal, so that B·A = 0 though neither is zero.
 *
 * @throws {LoraError} LORA_BAD_RANK for an odd rank
 * @see peft `tuners/lora/layer.py` `orthogonal_init`; https://datta0.github.io/posts/rethink-lora-init
 */
export function orthogonalStart({ module, rank }: AdapterTarget, random: Random): Start {
  if (rank % 2 !== 0) throw oddRank(module.path, rank);
  const basis = orthonormalRows(rank, random);
  const even = basis.filter((_, index) => index % 2 === 0);
  const odd = basis.filter((_, index) => index % 2 === 1);
  const { inFeatures, outFeatures } = module;
  const columns = mixtures(inFeatures, even, random);
  const rows = mixtures(outFeatures, odd, random);
  const a = Float64Array.from({ length: rank * inFeatures }, (_, i) =>
    Number(columns[i % inFeatures]?.[Math.floor(i / inFeatures)]),
  );
  return { a, b: rows.flatMap((row) => [...row]) };
}

/** Random combinations of vectors, damped. */
function mixtures(count: number, vectors: readonly Float64Array[], random: Random): Float64Array[] {
  return Array.from({ length: count }, () => {
    const sum = new Float64Array(vectors[0]?.length ?? 0);
    for (const vector of vectors) addScaled(sum, vector, random.normal() / DAMPING);
    return sum;
  });
}

/** Gram-Schmidt on normal vectors, each made orthogonal twice for the sake of rounding. */
function orthonormalRows(size: number, random: Random): Float64Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < size) {
    const row = Float64Array.from({ length: size }, () => random.normal());
    for (const other of [...rows, ...rows]) addScaled(row, other, -dot(row, other));
    const norm = Math.sqrt(dot(row, row));
    rows.push(row.map((value) => value / norm));
  }
  return rows;
}

function addScaled(sum: Float64Array, vector: Float64Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + factor * (vector[i] ?? 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function oddRank(path: string, rank: number): LoraError {
  return new LoraError("LORA_BAD_RANK", `an orthogonal start needs an even rank; it is ${rank}`, {
    where: `module ${path}`,
    fix: "choose an even rank, or set init_lora_weights to true",
  });
}
