import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  dts: {
    compilerOptions: {
      // tsup sets `baseUrl`, which TypeScript 6 reports as an error unless told otherwise.
      ignoreDeprecations: "6.0",
      // Declarations name other packages as users see them, not their sources.
      customConditions: [],
    },
  },
});
