// Writes src/sweep/samplers/joe-kuo-table.ts from the first rows of new-joe-kuo-6 (lines `d s a m_1 m_2 …`, as
// https://web.maths.unsw.edu.au/~fkuo/sobol/new-joe-kuo-6.21201 has them), given on standard input:
//   npx tsx scripts/sobol-table.ts < new-joe-kuo-6.21201
// scipy holds the same numbers; this prints them in that form:
//   python -c "import numpy, scipy.stats, os
//   f = numpy.load(os.path.dirname(scipy.stats.__file__) + '/_sobol_direction_numbers.npz')
//   print('d s a m_i')
//   for d, (p, v) in enumerate(zip(f['poly'].tolist(), f['vinit'].tolist()), 1):
//       s = p.bit_length() - 1
//       if d > 1: print(d, s, (p >> 1) & ((1 << (s - 1)) - 1), *v[:s])"
import { readFileSync, writeFileSync } from "node:fs";

/** All rows of degree 13 and less: 1,111 dimensions. The whole table of 21,201 would be 460 kB. */
const dimensions = 1111;
const lineLength = 96;

const licence = `Direction numbers of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections",
SIAM J. Sci. Comput. 30, 2635-2654 (2008), file new-joe-kuo-6. Their licence:

Copyright (c) 2008, Frances Y. Kuo and Stephen Joe. All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following
conditions are met:
  - Redistributions of source code must retain the above copyright notice, this list of conditions and the following
    disclaimer.
  - Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
    disclaimer in the documentation and/or other materials provided with the distribution.
  - Neither the names of the copyright holders nor the names of the University of New South Wales and the University of
    Waikato and its contributors may be used to endorse or promote products derived from this software without specific
    prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT
LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
SHALL THE COPYRIGHT HOLDERS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES
(INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH
DAMAGE.`;

/** The bits of each row: s in four, a in s-1, and of m_2 … m_s (odd, m_k < 2^k, m_1 = 1) what varies, k-1 bits each. */
function rowBits(line: string): string {
  const [, s = 0, a = 0, ...m] = line.trim().split(/\s+/).map(Number);
  const varying = m.slice(1, s).map((value, index) => binary((value - 1) / 2, index + 1));
  return binary(s, 4) + binary(a, s - 1) + varying.join("");
}

function binary(value: number, width: number): string {
  return width === 0 ? "" : value.toString(2).padStart(width, "0");
}

const rows = readFileSync(0, "utf8").trim().split("\n").slice(1, dimensions);
if (rows.length !== dimensions - 1) throw new Error(`expected ${dimensions - 1} rows, got ${rows.length}`);
const stream = rows.map(rowBits).join("");
const bytes = Uint8Array.from({ length: Math.ceil(stream.length / 8) }, (_, index) =>
  Number.parseInt(stream.slice(index * 8, index * 8 + 8).padEnd(8, "0"), 2),
);
const text = Buffer.from(bytes).toString("base64");
const lines = text.match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
const comment = licence.split("\n").map((line) => ` * ${line}`.trimEnd());
writeFileSync(
  new URL("../src/sweep/samplers/joe-kuo-table.ts", import.meta.url),
  [
    "// Written by scripts/sobol-table.ts.",
    "",
    // A legal comment: bundlers keep it.
    "/*!",
    ...comment,
    " */",
    "",
    `export const joeKuoDimensions = ${dimensions};`,
    "",
    "/** The rows of dimensions 2, 3, …, packed as `joe-kuo.ts` reads them, in base64. */",
    "export const joeKuoTable = [",
    ...lines.map((line) => `  "${line}",`),
    '].join("");',
    "",
  ].join("\n"),
);
