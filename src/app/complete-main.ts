// What a shell calls on Tab: node complete-main.js APP SHELL, APP as JSON. It never starts the app's own code.
import { type CompletionApp, candidatesText } from "./completion.ts";
import { shells } from "./completion-scripts.ts";
import { processHost } from "./host.ts";

const [app = "", name] = process.argv.slice(2);
const shell = shells.find((one) => one === name);
if (shell !== undefined) {
  process.stdout.write(candidatesText(JSON.parse(app) as CompletionApp, shell, processHost()));
}
