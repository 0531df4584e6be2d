// Joins what tsc has made into few files, in place: `node scripts/bundle.js [FOLDER]` (dist). Node spends half a
// millisecond on each module that it loads, and a command loads some hundred and fifty.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "dist"));

/** What is loaded by its own name: the package's doors, what is started, the workers. */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const doors = Object.values(exports).flatMap(({ default: file }) => file?.replace("./dist/", "") ?? []);
  const workers = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith("-worker.js"));
  return [...doors, "cli/main.js", "app/complete-main.js", ...workers].map((file) => join(folder, file));
}

/** Packages stay packages, but for two that every command loads and that are a few small modules. */
function outside() {
  const joined = ["fastest-levenshtein", "pure-rand"];
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return [...Object.keys(dependencies), "onnxruntime-common", "tsx"].filter((name) => !joined.includes(name));
}

/** A module finds its neighbours from where it was, not from the file that it is joined into. */
const places = {
  name: "places",
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const place = JSON.stringify(relative(folder, path).split(sep).join("/"));
      const text = readFileSync(path, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "");
      return { contents: text.replaceAll("import.meta.url", `__place(${place})`) };
    });
  },
};

rmSync(join(folder, "chunks"), { recursive: true, force: true });
const top = JSON.stringify(`/${basename(folder)}/`);
await build({
  entryPoints: entries(),
  outbase: folder,
  outdir: folder,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: outside(),
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
  plugins: [places],
  banner: {
    js: `const __place = (path) => import.meta.url.slice(0, import.meta.url.lastIndexOf(${top}) + ${top.length - 2}) + path;`,
  },
});
