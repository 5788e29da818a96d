// What every page does once its script runs. Without it the pages still work; they are only less comfortable.

import { start as editor } from "./editor.js";
import { start as keys } from "./keys.js";
import { start as live } from "./live.js";
import { start as menus } from "./menus.js";
import { start as receipts } from "./receipts.js";
import { start as swaps } from "./swaps.js";
import { start as theme } from "./theme.js";
import { start as times } from "./times.js";

for (const part of document.querySelectorAll(".needs-script")) part.hidden = false;
theme();
times(document);
menus();
receipts();
editor();
keys();
swaps((fresh) => times(fresh));
live();
