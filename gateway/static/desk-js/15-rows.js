// On a phone the open section of a desk's second row stands within sight.
"use strict";

document.querySelector(".desk-sections [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
