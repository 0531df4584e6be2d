// Joins what tsc has made into few files, in place: `node scripts/bundle.js [FOLDER]` (dist). Node spends half a
// millisecond on each module that it loads, and a command loads some hundred and fifty.
//
// The rooms that compose and run apps become one script, `framework-….cjs`, which every command needs whole (see
// load-framework.js). The other rooms become modules that are loaded when they are needed.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "dist"));
const loader = join(folder, "load-framework.js");

const frameworkRooms = ["app", "config", "core", "launch", "sweep"];
/** A module of the framework that is a program rather than a room's door. */
const answerer = "app/complete-main.js";

const inFolder = (path) => relative(folder, path).split(sep).join("/");
const isOfFramework = (path) => frameworkRooms.includes(inFolder(path).split("/")[0]);

/** What is loaded by its own name: the package's doors, what is started, the workers. */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const doors = Object.values(exports).flatMap(({ default: file }) => file?.replace("./dist/", "") ?? []);
  const workers = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith("-worker.js"));
  return [...doors, "cli/main.js", answerer, ...workers].map((file) => join(folder, file));
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
      const place = JSON.stringify(inFolder(path));
      const text = readFileSync(path, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "");
      return { contents: text.replaceAll("import.meta.url", `__place(${place})`) };
    });
  },
};

/** What the other rooms import of the framework comes from its script, so that each module exists once in a process. */
const doorsToFramework = {
  name: "doors-to-framework",
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!isOfFramework(path)) return undefined;
      const names = await exportedNames(path);
      const load = `framework(${JSON.stringify(inFolder(path))})`;
      const handsOn = names.length === 0 ? `${load};` : `export const { ${names.join(", ")} } = ${load};`;
      return { contents: `import { framework } from ${JSON.stringify(loader)};\n${handsOn}` };
    });
  },
};

const common = {
  bundle: true,
  write: false,
  platform: "node",
  target: "node20",
  external: outside(),
  logLevel: "warning",
};

/** Each module of the framework that others load by name, made when it is first asked for. */
async function buildFramework() {
  const paths = [...frameworkRooms.map((room) => `${room}/index.js`), answerer];
  const rows = paths.map((path) => `${JSON.stringify(path)}: () => require("./${path}"),`);
  const { outputFiles } = await build({
    ...common,
    stdin: {
      contents: `module.exports = {\n${rows.join("\n")}\n};`,
      resolveDir: folder,
      sourcefile: "framework",
    },
    // V8 would take the code that it keeps for any text of the same length: another text has another name.
    entryNames: "framework-[hash]",
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    plugins: [places],
    banner: {
      js: 'const __place = (path) => new URL(path, require("node:url").pathToFileURL(__filename)).href;',
    },
  });
  return outputFiles;
}

/** The other rooms, and the doors to the framework. */
async function buildModules(frameworkFile) {
  const top = JSON.stringify(`/${basename(folder)}/`);
  const { outputFiles } = await build({
    ...common,
    entryPoints: entries(),
    outbase: folder,
    outdir: folder,
    splitting: true,
    format: "esm",
    chunkNames: "chunks/[name]-[hash]",
    define: { FRAMEWORK_FILE: JSON.stringify(frameworkFile) },
    plugins: [doorsToFramework, places],
    banner: {
      js: `const __place = (path) => import.meta.url.slice(0, import.meta.url.lastIndexOf(${top}) + ${top.length - 2}) + path;`,
    },
  });
  return outputFiles;
}

/** The names that a module exports, those included that it hands on. */
async function exportedNames(path) {
  const { metafile } = await build({
    ...common,
    entryPoints: [path],
    format: "esm",
    metafile: true,
    outfile: "out.js",
  });
  return Object.values(metafile.outputs).flatMap(({ exports }) => exports);
}

if (readFileSync(join(folder, "index.js"), "utf8").startsWith("const __place"))
  throw new Error(`${folder} is bundled already: compile it again first (npm run build)`);
copyFileSync(join(root, "scripts/load-framework.js"), loader);
const script = await buildFramework();
const files = [...script, ...(await buildModules(basename(script[0].path)))];
// Nothing is written or removed before all of it is made.
rmSync(loader);
rmSync(join(folder, "chunks"), { recursive: true, force: true });
mkdirSync(join(folder, "chunks"));
for (const file of readdirSync(folder)) if (file.startsWith("framework-")) rmSync(join(folder, file));
for (const { path, contents } of files) writeFileSync(path, contents);
