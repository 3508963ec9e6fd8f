import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.js"],
    css: true, // style sheets are read as they are: a test looks at what they import
  },
});
