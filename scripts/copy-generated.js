// Copies what tsc leaves behind from src to dist: modules that are generated as JavaScript, and data files.
import { cpSync, existsSync, statSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

/** A row is a folder under src and the endings to copy; absent: all of it. A folder that is not there is passed over. */
const folders = [
  { folder: "onnx/proto/generated/", endings: [".js", ".ts", ".proto", ".md"] },
  { folder: "tracking/wandb/generated/", endings: [".js", ".ts", ".proto", ".md"] },
  { folder: "config/hydra-conf/" },
];

for (const { folder, endings } of folders) {
  const source = fileURLToPath(new URL(`src/${folder}`, root));
  if (!existsSync(source)) continue;
  const wanted = (path) => !endings || statSync(path).isDirectory() || endings.includes(extname(path));
  cpSync(source, fileURLToPath(new URL(`dist/${folder}`, root)), { recursive: true, filter: wanted });
}
