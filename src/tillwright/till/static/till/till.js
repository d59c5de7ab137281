// What the till's pages do by themselves; each module stands alone.
import "./sale.js";
import "./pay.js";
import "./follow.js";
import "./receipt.js";
import "./refund.js";
import "./cash.js";
import "./check.js";
