/**
 * The design tokens. Every colour is a CSS variable with a light and a dark value, set
 * in static/css/input.css; nothing in the views names a colour of its own.
 *
 * @type {import("tailwindcss").Config}
 */
module.exports = {
  content: ["./views/**/*.templ", "./views/**/*.go"],
  darkMode: ["selector", '[data-theme="dark"]'],
  theme: {
    colors: {
      transparent: "transparent",
      current: "currentColor",
      // Where things stand: the page, raised cards, sunken fields, the rail.
      surface: {
        DEFAULT: "var(--surface)",
        raised: "var(--surface-raised)",
        sunken: "var(--surface-sunken)",
        rail: "var(--surface-rail)",
        hover: "var(--surface-hover)",
      },
      line: { DEFAULT: "var(--line)", strong: "var(--line-strong)" },
      text: "var(--text)",
      muted: "var(--muted)",
      accent: { DEFAULT: "var(--accent)", strong: "var(--accent-strong)", soft: "var(--accent-soft)", on: "var(--accent-on)" },
      // The five state colours. A shape or a word always goes with them.
      ok: { DEFAULT: "var(--ok)", soft: "var(--ok-soft)", bar: "var(--ok-bar)" },
      running: { DEFAULT: "var(--running)", soft: "var(--running-soft)", bar: "var(--running-bar)" },
      waiting: { DEFAULT: "var(--waiting)", soft: "var(--waiting-soft)", bar: "var(--waiting-bar)" },
      warning: { DEFAULT: "var(--warning)", soft: "var(--warning-soft)", bar: "var(--warning-bar)" },
      failed: { DEFAULT: "var(--failed)", soft: "var(--failed-soft)", bar: "var(--failed-bar)" },
    },
    fontFamily: {
      sans: ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"],
      mono: ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace"],
    },
    borderRadius: { none: "0", sm: "4px", DEFAULT: "6px", lg: "10px", full: "999px" },
  },
};
