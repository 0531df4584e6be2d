import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface LoopbackOptions {
  /** The artifact store takes files in parts. */
  readonly parts: boolean;
  /** Called before a file or a part is read; what it returns is waited for, and `"cut"` resets the connection. */
  readonly onUpload?: (path: string) => unknown;
}

/** The calls of a 3.x server that uploads need, over real sockets: streams and broken connections are the point here. */
export class LoopbackMlflow {
  readonly files = new Map<string, { bytes: number; sha256: string }>();
  readonly uploads: string[] = [];
  readonly points: { key: string; step: number }[] = [];
  readonly models: { name: string; tags: { key: string; value: string }[]; status: string }[] = [];
  readonly completed: Record<string, unknown>[] = [];
  /** Headers of the requests that went to the store itself. */
  readonly storeHeaders: IncomingMessage["headers"][] = [];
  /** How many of the next answers to a create of a logged model are lost. */
  loseModelAnswers = 0;
  readonly #options: LoopbackOptions;
  readonly #server: Server;
  #run: Record<string, unknown> | undefined;

  constructor(options: LoopbackOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://x");
    const path = url.pathname.replace("/api/2.0/mlflow", "");
    if (request.method === "PUT") return this.#upload(request, response, url.pathname);
    const body = await readJson(request);
    if (path.startsWith("-artifacts/mpu/")) {
      this.#multipart(response, path, body, request);
      return;
    }
    if (path === "/logged-models" && this.loseModelAnswers > 0) {
      this.loseModelAnswers -= 1;
      this.#call(path, body);
      request.socket.resetAndDestroy();
      return;
    }
    const answer = this.#call(path, body);
    send(response, answer === undefined ? 404 : 200, answer ?? { error_code: "RESOURCE_DOES_NOT_EXIST" });
  }

  #call(path: string, body: Record<string, unknown>): object | undefined {
    switch (path) {
      case "/experiments/get-by-name":
        return { experiment: { experiment_id: "7", name: "e", lifecycle_stage: "active" } };
      case "/runs/search":
        return this.#run === undefined ? {} : { runs: [this.#run] };
      case "/runs/create":
        this.#run = {
          info: { run_id: "r1", artifact_uri: "mlflow-artifacts:/7/r1/artifacts", lifecycle_stage: "active" },
          data: { tags: body["tags"] },
        };
        return { run: this.#run };
      case "/runs/get":
        return { run: this.#run };
      case "/runs/log-batch":
        this.points.push(...((body["metrics"] ?? []) as { key: string; step: number }[]));
        return {};
      case "/logged-models/search":
        return { models: this.models.map((model, at) => modelAnswer(model, at)) };
      case "/logged-models": {
        const model = { name: String(body["name"]), tags: body["tags"] as [], status: "PENDING" };
        this.models.push(model);
        return { model: modelAnswer(model, this.models.length - 1) };
      }
      case "/runs/update":
      case "/runs/outputs":
      case "/runs/log-inputs":
        return {};
      default: {
        const model = this.models[Number(path.replace("/logged-models/m-", ""))];
        if (model === undefined) return undefined;
        model.status = String(body["status"]);
        return {};
      }
    }
  }

  async #upload(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (path.startsWith("/store/")) this.storeHeaders.push(request.headers);
    if ((await this.#options.onUpload?.(path)) === "cut") {
      request.socket.resetAndDestroy();
      return;
    }
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      hash.update(chunk as Buffer);
    }
    this.uploads.push(path);
    this.files.set(path.replace("/api/2.0/mlflow-artifacts/artifacts/", ""), {
      bytes,
      sha256: hash.digest("hex"),
    });
    response.setHeader("etag", `"${path.split("/").at(-1)}"`);
    send(response, 200, {});
  }

  #multipart(
    response: ServerResponse,
    path: string,
    body: Record<string, unknown>,
    request: IncomingMessage,
  ): void {
    if (!this.#options.parts) {
      send(response, 501, { error_code: "NOT_IMPLEMENTED", message: "no parts" });
      return;
    }
    if (path.startsWith("-artifacts/mpu/complete/")) {
      this.completed.push({ ...body, folder: path.replace("-artifacts/mpu/complete/", "") });
      send(response, 200, {});
      return;
    }
    const credentials = Array.from({ length: Number(body["num_parts"]) }, (_, at) => ({
      url: `http://${request.headers.host}/store/${at + 1}?signature=x`,
      part_number: at + 1,
      headers: { "x-store": "yes" },
    }));
    send(response, 200, { upload_id: "u1", credentials });
  }
}

function modelAnswer(model: { name: string; tags: unknown }, at: number): object {
  return {
    info: {
      model_id: `m-${at}`,
      artifact_uri: `mlflow-artifacts:/7/models/m-${at}/artifacts`,
      tags: model.tags,
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : JSON.parse(text);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}
