// Copies the pinned front-end files from node_modules into static/vendor, and the used
// icons into static/icons/sprite.svg. Run with: npm run vendor
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const write = (path, text) => writeFileSync(new URL(path, root), text);
const version = (name) => JSON.parse(read(`node_modules/${name}/package.json`)).version;

const files = [
  { name: "htmx.org", from: "dist/htmx.min.js", to: "htmx.min.js", licence: "LICENSE" },
  { name: "htmx-ext-sse", from: "dist/sse.min.js", to: "sse.min.js", licence: "LICENSE" },
  { name: "idiomorph", from: "dist/idiomorph-ext.min.js", to: "idiomorph-ext.min.js", licence: "LICENSE" },
];

const versions = ["# file, package, version, SHA-256 of the file"];
for (const f of files) {
  const text = read(`node_modules/${f.name}/${f.from}`);
  write(`static/vendor/${f.to}`, text);
  write(`static/vendor/${f.to.replace(".min.js", "")}.LICENSE`, read(`node_modules/${f.name}/${f.licence}`));
  const sum = createHash("sha256").update(text).digest("hex");
  versions.push(`${f.to} ${f.name} ${version(f.name)} ${sum}`);
}

// One symbol per icon; size and colour come from the element that uses it.
const names = read("static/icons/icons.txt").split("\n").filter((line) => line && !line.startsWith("#"));
const symbols = names.map((line) => {
  const [name, original = name] = line.split("=");
  const shapes = read(`node_modules/lucide-static/icons/${original}.svg`)
    .replace(/<!--.*?-->/gs, "")
    .replace(/<svg[^>]*>|<\/svg>/gs, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \/>/g, "/>");
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
});
write(
  "static/icons/sprite.svg",
  `<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">\n${symbols.join("\n")}\n</svg>\n`,
);
write("static/icons/LICENSE", read("node_modules/lucide-static/LICENSE"));
versions.push(`../icons/sprite.svg lucide-static ${version("lucide-static")} ${names.length} icons`);

write("static/vendor/VERSIONS", versions.join("\n") + "\n");
