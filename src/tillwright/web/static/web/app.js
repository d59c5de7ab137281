// What every page does by itself. Each module stands alone and speaks through events on the document:
// `till:scan` {code}, `till:sound` {name}. Nothing here knows what a sale is.
import "./keys.js";
import "./scanner.js";
import "./pad.js";
import "./press.js";
import "./live.js";
import "./sounds.js";
import "./menu.js";
