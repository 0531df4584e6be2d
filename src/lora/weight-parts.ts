import { createRequire } from "node:module";
import type * as MatrixPackage from "ml-matrix";
import type { Matrix } from "ml-matrix";
import type { Random } from "../core/index.ts";
import type { Tensor } from "../onnx/index.ts";
import { LoraError } from "./errors.ts";
import type { Start } from "./initialize-adapter.ts";
import type { LinearModule } from "./modules.ts";
import type { AdapterTarget } from "./plan-adapters.ts";

/** Starts that take a part of the weight into the adapter and leave the rest as the base: pissa, pissa_niter_k, olora. */
export function takesFromBase(init: boolean | string): boolean {
  return typeof init === "string" && (/^pissa(_niter_\d+)?$/.test(init) || init === "olora");
}

/**
 * The part of a weight that such a start trains:
 *
 *     pissa          the r largest singular values of W = U·S·Vᵀ   A = √(S/s)·Vᵀ   B = U·√(S/s)
 *     pissa_niter_k  the same from k rounds of a randomised decomposition: for large weights
 *     olora          the first r rows and columns of W = Q·R       A = R           B = Q
 *
 * The base becomes W − s·B·A ({@link remainder}). Computed in double precision. The signs are those of a largest entry that is
 * positive in each row of A, so that a start does not depend on the algorithm; B·A does not depend on them at all.
 *
 * @throws {LoraError} LORA_BAD_RANK where the rank exceeds the weight's
 * @see Meng et al. 2024 (PiSSA); Büyükakyüz 2024 (OLoRA); peft `tuners/lora/layer.py` `pissa_init`, `olora_init`
 */
export function partOfWeight(
  init: string,
  { module, rank, scale }: AdapterTarget,
  weight: Tensor,
  random: Random,
): Start {
  if (rank > Math.min(module.inFeatures, module.outFeatures)) throw rankTooLarge(init, module, rank);
  const matrix = matrixOf(module, weight);
  if (init === "olora") return positive(orthonormalFactors(matrix, rank));
  const rounds = /_niter_(\d+)$/.exec(init)?.[1];
  const { u, s, v } =
    rounds === undefined ? topSingular(matrix, rank) : sketched(matrix, rank, Number(rounds), random);
  const root = s.map((value) => Math.sqrt(value / scale));
  return positive({ b: u.mulRowVector(root), a: v.mulRowVector(root).transpose() });
}

/** W − s·B·A, in the weight's own layout; A and B as they are stored, in float32. */
export function remainder({ module, rank, scale }: AdapterTarget, weight: Tensor, { a, b }: Start): Tensor {
  const { inFeatures: columns, outFeatures: rows, transposed } = module;
  const [left, right] = [Float32Array.from(b), Float32Array.from(a)];
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let part = 0;
      for (let k = 0; k < rank; k++)
        part += (left[i * rank + k] as number) * (right[k * columns + j] as number);
      const at = transposed ? j * rows + i : i * columns + j;
      data[at] = Number(weight.data[at]) - scale * part;
    }
  }
  return { dtype: "float32", shape: weight.shape, data };
}

/** Loaded with the first weight that is taken apart: few adapters start so. */
function matrices(): typeof MatrixPackage {
  return createRequire(import.meta.url)("ml-matrix") as typeof MatrixPackage;
}

interface Factors {
  /** [out, r]. */
  readonly b: Matrix;
  /** [r, in]. */
  readonly a: Matrix;
}

interface Singular {
  readonly u: Matrix;
  readonly s: readonly number[];
  readonly v: Matrix;
}

/** [out, in], whatever way the weight is stored. */
function matrixOf({ inFeatures, outFeatures, transposed }: LinearModule, { data }: Tensor): Matrix {
  const [rows, columns] = transposed ? [inFeatures, outFeatures] : [outFeatures, inFeatures];
  const matrix = matrices().Matrix.from1DArray(rows, columns, Float64Array.from(data as Float32Array));
  return transposed ? matrix.transpose() : matrix;
}

function topSingular(matrix: Matrix, rank: number): Singular {
  const { leftSingularVectors, rightSingularVectors, diagonal } = new (matrices().SingularValueDecomposition)(
    matrix,
    {
      autoTranspose: true,
    },
  );
  return {
    u: firstColumns(leftSingularVectors, rank),
    s: diagonal.slice(0, rank),
    v: firstColumns(rightSingularVectors, rank),
  };
}

/** Halko, Martinsson and Tropp 2009, algorithm 4.4 and 5.1, as torch's `svd_lowrank` has them, without oversampling. */
function sketched(matrix: Matrix, rank: number, rounds: number, random: Random): Singular {
  const flipped = matrix.transpose();
  const normal = Array.from({ length: matrix.columns * rank }, () => random.normal());
  let basis = orthonormal(matrix.mmul(matrices().Matrix.from1DArray(matrix.columns, rank, normal)));
  for (let round = 0; round < rounds; round++) {
    basis = orthonormal(matrix.mmul(orthonormal(flipped.mmul(basis))));
  }
  const { u, s, v } = topSingular(basis.transpose().mmul(matrix), rank);
  return { u: basis.mmul(u), s, v };
}

/** Q[:, :r] and R[:r] of W = Q·R; a wide W has the Q of its first columns. */
function orthonormalFactors(matrix: Matrix, rank: number): Factors {
  const square = firstColumns(matrix, Math.min(matrix.rows, matrix.columns));
  const b = firstColumns(orthonormal(square), rank);
  return { b, a: b.transpose().mmul(matrix) };
}

function orthonormal(matrix: Matrix): Matrix {
  return new (matrices().QrDecomposition)(matrix).orthogonalMatrix;
}

function firstColumns(matrix: Matrix, count: number): Matrix {
  return matrix.subMatrix(0, matrix.rows - 1, 0, count - 1);
}

/** Makes the largest entry of each row of A positive, and turns B's columns with it. */
function positive({ a, b }: Factors): Start {
  for (let k = 0; k < a.rows; k++) {
    const [, at] = a.maxRowIndex(k);
    const [, low] = a.minRowIndex(k);
    if (-a.get(k, low) <= a.get(k, at)) continue;
    a.mulRow(k, -1);
    b.mulColumn(k, -1);
  }
  return { a: a.to1DArray(), b: b.to1DArray() };
}

function rankTooLarge(
  init: string,
  { path, inFeatures, outFeatures }: LinearModule,
  rank: number,
): LoraError {
  return new LoraError(
    "LORA_BAD_RANK",
    `init_lora_weights '${init}' takes a part of the weight, whose rank is at most ${Math.min(inFeatures, outFeatures)}; r is ${rank}`,
    {
      where: `module ${path} [${outFeatures}, ${inFeatures}]`,
      fix: `lower the rank, give this layer its own with rank_pattern, or exclude it: lora.exclude_modules=[${path}]`,
    },
  );
}
