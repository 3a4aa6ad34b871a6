import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/worker.ts", "src/extend.ts", "src/procwire-types.ts"],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  dts: {
    entry: ["src/index.ts", "src/worker.ts", "src/extend.ts"],
    compilerOptions: {
      // tsup sets `baseUrl`, which TypeScript 6 reports as an error unless told otherwise.
      ignoreDeprecations: "6.0",
      // Declarations name other packages as users see them, not their sources.
      customConditions: [],
      // What the rooms share among themselves is no interface of users.
      stripInternal: true,
    },
  },
});
