/** What the build makes of what tsc wrote: the program in a few files, and the script of the HTML report. */

/** Packages stay packages; all else is ours, and what the bundler itself needs. */
const isPackage = (id) => !/^(?:\.|\/|[A-Za-z]:|@oxc-project\/)/.test(id);

export default [
  {
    input: 'dist/cli/entry.js',
    platform: 'node',
    external: isPackage,
    // As deep as the folders of `dist`, so that paths relative to a file stay the same.
    output: {
      dir: 'dist/program',
      format: 'esm',
      keepNames: true,
      cleanDir: true,
      minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    },
  },
  {
    input: 'src/report/html/page/page.ts',
    platform: 'browser',
    output: { file: 'dist/report/html/page.js', format: 'iife', minify: true },
  },
];
