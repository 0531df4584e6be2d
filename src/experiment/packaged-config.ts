import { fileURLToPath } from "node:url";

/** The config folder that ships with the package: beside `src` and beside `dist`. */
export const packagedConfigDir = fileURLToPath(new URL("../../conf", import.meta.url));
