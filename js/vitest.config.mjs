import { defineConfig } from "vitest/config";

export default defineConfig({
  server: { fs: { allow: [".."] } }, // a test reads the README
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.js"],
    css: true, // style sheets are read as they are: a test looks at what they import
  },
});
