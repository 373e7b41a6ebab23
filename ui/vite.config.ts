import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { HtmlTagDescriptor, Plugin } from "vite";
import { defineConfig } from "vitest/config";

const hub = "http://127.0.0.1:8080";

/** What the first screen needs beside the entry: found late by itself, it is asked for at once. */
const EARLY: [file: RegExp, attrs: Record<string, string>][] = [
  [/mapview-.*\.js$/, { rel: "modulepreload" }],
  [/mapview-.*\.css$/, { rel: "preload", as: "style", crossorigin: "" }],
  [/inter-latin-wght-.*\.woff2$/, { rel: "preload", as: "font", type: "font/woff2", crossorigin: "" }],
];

function early(): Plugin {
  return {
    name: "early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {}).flatMap((name): HtmlTagDescriptor[] => {
          const attrs = EARLY.find(([file]) => file.test(name))?.[1];
          return attrs ? [{ tag: "link", attrs: { ...attrs, href: `/${name}` }, injectTo: "head" }] : [];
        }),
    },
  };
}

export default defineConfig({
  root: "app",
  plugins: [svelte({ configFile: false }), early()],
  // Nothing is inlined: the content policy allows scripts, styles and fonts from files alone.
  build: {
    outDir: "../src/watchfloor_ui/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: "es" },
  server: { proxy: { "/api": hub } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
