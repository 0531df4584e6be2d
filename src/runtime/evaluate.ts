import type { Graph, Tensor } from "../onnx/index.ts";
import { createSession, type SessionOptions } from "./session.ts";

/**
 * Runs a graph once, as it is written: no rewriting, one thread. For constants, checks and tests; whoever runs
 * a graph twice wants `createSession`.
 */
export async function evaluate(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>> = {},
  options: SessionOptions = {},
): Promise<Record<string, Tensor>> {
  const session = await createSession(graph, { optimization: "disabled", intraOpThreads: 1, ...options });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
