import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { readConnectionSettings } from "../../../src/tracking/mlflow/connection-settings.ts";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("the tracking URI", () => {
  it.each([
    ["http://127.0.0.1:5556", "http://127.0.0.1:5556"],
    ["http://127.0.0.1:5556/", "http://127.0.0.1:5556"],
    ["https://host/mlflow/", "https://host/mlflow"],
    ["https://ada:pw@host/mlflow", "https://host/mlflow"],
  ])("%s is asked at %s", (uri, base) => expect(readConnectionSettings(uri, {}).base).toBe(base));

  it.each(["./mlruns", "file:///tmp/mlruns", "sqlite:///mlflow.db", "databricks", "", "127.0.0.1:5000"])(
    "%j is refused",
    (uri) => {
      expect(() => readConnectionSettings(uri, {})).toThrow(
        expect.objectContaining({ code: "MLFLOW_URI", kind: "permanent" }),
      );
    },
  );

  it("does not show a login in its error", () => {
    expect(() => readConnectionSettings("ftp://ada:pw@host/", {})).toThrow(
      expect.objectContaining({ where: { text: "ftp://host/" } }),
    );
  });
});

describe("MLFLOW_*", () => {
  const uri = "http://h";
  it.each([
    [{}, undefined],
    [{ MLFLOW_TRACKING_TOKEN: "t" }, "Bearer t"],
    [{ MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "pö" }, basic("ada:pö")],
    [
      { MLFLOW_TRACKING_TOKEN: "t", MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "pw" },
      basic("ada:pw"),
    ],
    [{ MLFLOW_TRACKING_TOKEN: "t", MLFLOW_TRACKING_USERNAME: "ada" }, "Bearer t"],
  ])("%j logs in", (env, authorization) =>
    expect(readConnectionSettings(uri, env).authorization()).toBe(authorization),
  );

  it.each([
    [{ MLFLOW_TRACKING_AWS_SIGV4: "true" }, "unset MLFLOW_TRACKING_AWS_SIGV4"],
    [{ MLFLOW_TRACKING_AUTH: "plugin" }, "unset MLFLOW_TRACKING_AUTH"],
    [{ MLFLOW_TRACKING_INSECURE_TLS: "yes" }, "set MLFLOW_TRACKING_INSECURE_TLS to true or false"],
    [{ MLFLOW_HTTP_REQUEST_TIMEOUT: "soon" }, "set MLFLOW_HTTP_REQUEST_TIMEOUT to a number"],
    [
      { MLFLOW_TRACKING_SERVER_CERT_PATH: "/no/such.pem" },
      "set MLFLOW_TRACKING_SERVER_CERT_PATH to a PEM file",
    ],
  ])("%j is refused with its remedy", (env, fix) => {
    expect(() => readConnectionSettings(uri, env)).toThrow(
      expect.objectContaining({ code: "MLFLOW_SETTING", fix: expect.stringContaining(fix) }),
    );
  });

  it("are never printed with the settings' login", () => {
    expect(
      inspect(readConnectionSettings("http://ada:pw@h", { MLFLOW_TRACKING_TOKEN: "s3cret" })),
    ).not.toMatch(/s3cret|:pw|YWRhOnB3/);
  });
});
