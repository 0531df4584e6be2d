import type { InferenceSession } from "onnxruntime-node";
import { didYouMean } from "../core/index.ts";
import { encodeModel, type Graph, type Tensor } from "../onnx/index.ts";
import { checkFeeds, type SessionValue } from "./check-feeds.ts";
import { type Device, requireDevice } from "./devices.ts";
import { OrtError } from "./errors.ts";
import { ort, SILENT } from "./ort.ts";
import { fromOrt, requireOrtDType, toOrt } from "./ort-tensor.ts";
import { wrapOrtError } from "./wrap-ort-error.ts";

/** The bytes of an `.onnx` file, with its files of external data by location. */
export interface ModelSource {
  readonly model: Uint8Array;
  readonly externalData?: Readonly<Record<string, Uint8Array>>;
  /** What messages call it. */
  readonly name?: string;
}

export interface SessionOptions {
  readonly device?: Device;
  /** Which GPU, counted from 0. */
  readonly deviceId?: number;
  /** Threads inside of one op. 1 where several workers share the cores; absent: all cores. */
  readonly intraOpThreads?: number;
  /**
   * Plan memory once from the static shapes (default). Off saves memory on large graphs: 0.6 against 1.1 GB for
   * a TTM-R2 step on a whole batch.
   */
  readonly memPattern?: boolean;
  /** Keep freed memory for the next run (default). */
  readonly arena?: boolean;
  /** Whether idle threads spin (default). Off is faster on a machine that others use too. */
  readonly allowSpinning?: boolean;
  /** How far ONNX Runtime rewrites the graph; `all` by default. */
  readonly optimization?: "disabled" | "basic" | "extended" | "all";
}

/** A graph ready to run. `run` blocks its thread: training and evaluation run it in workers. */
export interface Session {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  /**
   * @param feeds   a tensor for every input; not copied, so leave it alone until the promise settles
   * @param wanted  output names; all of them where absent
   * @throws {OrtError} RUNTIME_MISSING_FEED, RUNTIME_UNKNOWN_FEED, RUNTIME_BAD_FEED (several come as TtmErrors),
   *   RUNTIME_UNKNOWN_OUTPUT, RUNTIME_RUN_FAILED, RUNTIME_RELEASED
   */
  run(feeds: Readonly<Record<string, Tensor>>, wanted?: readonly string[]): Promise<Record<string, Tensor>>;
  /** Frees the memory; may be called twice. */
  release(): Promise<void>;
}

/** Weights of a graph are handed over under this name, outside of the model: no 2 GB limit, no protobuf copy. */
const EXTERNAL_NAME = "weights";

/**
 * Loads a graph, or the bytes of a model, into ONNX Runtime.
 *
 * @throws {OrtError} RUNTIME_BAD_MODEL with the node and its input types; RUNTIME_DEVICE_UNAVAILABLE;
 *   RUNTIME_UNSUPPORTED_DTYPE for bfloat16 inputs and outputs
 */
export async function createSession(
  source: Graph | ModelSource,
  options: SessionOptions = {},
): Promise<Session> {
  await requireDevice(options.device ?? "cpu", options.deviceId);
  const graph = "nodes" in source ? source : undefined;
  const label = source.name ? `graph '${source.name}'` : "graph";
  for (const value of [...(graph?.inputs ?? []), ...(graph?.outputs ?? [])]) {
    requireOrtDType(value.dtype, `${label}, '${value.name}'`);
  }
  const { model, externalData = {} } = "nodes" in source ? encode(source) : source;
  try {
    const native = await ort.InferenceSession.create(model, nativeOptions(options, externalData));
    return new OrtSession(native, label, graph);
  } catch (cause) {
    throw wrapOrtError("RUNTIME_BAD_MODEL", cause, label, graph);
  }
}

function encode(graph: Graph): ModelSource {
  const { model, externalData } = encodeModel(graph, { externalDataName: EXTERNAL_NAME });
  return externalData ? { model, externalData: { [EXTERNAL_NAME]: externalData } } : { model };
}

function nativeOptions(
  options: SessionOptions,
  externalData: Readonly<Record<string, Uint8Array>>,
): InferenceSession.SessionOptions {
  const { device = "cpu", deviceId = 0 } = options;
  return {
    executionProviders: device === "cuda" ? [{ name: "cuda", deviceId }, "cpu"] : ["cpu"],
    graphOptimizationLevel: options.optimization ?? "all",
    enableMemPattern: options.memPattern ?? true,
    enableCpuMemArena: options.arena ?? true,
    interOpNumThreads: 1,
    ...(options.intraOpThreads === undefined ? {} : { intraOpNumThreads: options.intraOpThreads }),
    logSeverityLevel: SILENT,
    externalData: Object.entries(externalData).map(([path, data]) => ({ path, data })),
    extra: { session: { intra_op: { allow_spinning: options.allowSpinning === false ? "0" : "1" } } },
  };
}

class OrtSession implements Session {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  readonly #native: InferenceSession;
  readonly #label: string;
  readonly #graph: Graph | undefined;
  #released = false;

  constructor(native: InferenceSession, label: string, graph: Graph | undefined) {
    this.#native = native;
    this.#label = label;
    this.#graph = graph;
    this.inputs = graph?.inputs ?? native.inputMetadata.map(sessionValue);
    this.outputs = graph?.outputs ?? native.outputMetadata.map(sessionValue);
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    wanted = this.#outputNames(),
  ): Promise<Record<string, Tensor>> {
    this.#requireOpen();
    checkFeeds(this.inputs, feeds, this.#label);
    this.#requireOutputs(wanted);
    const converted = Object.entries(feeds).map(([name, feed]) => [name, toOrt(feed, this.#label)] as const);
    const results = await this.#runNative(Object.fromEntries(converted), wanted);
    return Object.fromEntries(
      Object.entries(results).map(([name, value]) => [name, fromOrt(value, `${this.#label}, '${name}'`)]),
    );
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#native.release();
  }

  async #runNative(feeds: InferenceSession.FeedsType, wanted: readonly string[]) {
    try {
      return await this.#native.run(feeds, wanted, { logSeverityLevel: SILENT });
    } catch (cause) {
      throw wrapOrtError("RUNTIME_RUN_FAILED", cause, this.#label, this.#graph);
    }
  }

  #outputNames(): readonly string[] {
    return this.outputs.map(({ name }) => name);
  }

  #requireOpen(): void {
    if (!this.#released) return;
    throw new OrtError("RUNTIME_RELEASED", "the session was released", {
      where: this.#label,
      fix: "create a session again, or release it later",
    });
  }

  #requireOutputs(wanted: readonly string[]): void {
    const names = this.#outputNames();
    const name = wanted.find((candidate) => !names.includes(candidate));
    if (name === undefined) return;
    throw new OrtError("RUNTIME_UNKNOWN_OUTPUT", `there is no output '${name}'`, {
      where: this.#label,
      fix: [didYouMean(name, names), `it gives ${names.join(", ")}`].filter(Boolean).join(" "),
    });
  }
}

function sessionValue(value: InferenceSession.ValueMetadata): SessionValue {
  return value.isTensor
    ? { name: value.name, dtype: value.type, shape: value.shape }
    : { name: value.name, dtype: "not a tensor", shape: [] };
}
