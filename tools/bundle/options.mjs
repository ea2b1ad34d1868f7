// How esbuild makes one file of a program: the same bytes for the same commit, and beside it a CycloneDX list of what it holds.
import { join } from 'node:path';
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild';

/** The oldest release of Node that the program runs on. */
export const majorOf = ({ node }) => /^>=(\d+)/.exec(node)[1];

/** `folder` is the package, whose src/main.ts is the program; `target` takes the files. */
export const bundleOptions = (folder, target, engines) => ({
  // The package whose list of contents this is.
  absWorkingDir: folder,
  entryPoints: [join(folder, 'src/main.ts')],
  bundle: true,
  platform: 'node',
  target: `node${majorOf(engines)}`,
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'inline',
  plugins: [
    cyclonedxEsbuildPlugin({
      specVersion: '1.6',
      outputFile: join(target, 'sbom.cdx.json'),
      outputReproducible: true,
      gatherLicenseTexts: true,
    }),
  ],
  logLevel: 'warning',
});
