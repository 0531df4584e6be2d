// What a process of its own does in the test of two at once: fetches a model and prints its folder.

import { fetchSnapshot } from "../../../src/models/hub/fetch-snapshot.ts";
import { hubAccess } from "../../../src/models/index.ts";
import { REPO } from "./fake-hub.ts";

const { folder } = await fetchSnapshot({ repo: REPO, revision: "main" }, hubAccess());
process.stdout.write(folder);
