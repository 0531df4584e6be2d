const calls = new Set<() => void>();
let listening = false;

/** Calls `call` when the process exits, for whatever reason but a kill -9; returns what takes it back. One listener serves all. */
export function atExit(call: () => void): () => void {
  if (!listening) process.once("exit", callAll);
  listening = true;
  calls.add(call);
  return () => calls.delete(call);
}

function callAll(): void {
  for (const call of calls) call();
}
