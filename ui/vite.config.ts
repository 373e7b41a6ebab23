import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const hub = "http://127.0.0.1:8080";

export default defineConfig({
  root: "app",
  plugins: [svelte({ configFile: false })],
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
