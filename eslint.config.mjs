import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Each outside client belongs to one stage; no other project may import it. */
const clients = {
  'type:lib': ['@aws-sdk/client-emr', '@aws-sdk/client-redshift-data', 'pg', 'pg-*'],
};

const boundaries = (tests) => [
  'error',
  {
    // The labs take out the guards of the mutation run; tools is no package that could be named.
    allow: ['../../../tools/mutation/*'],
    enforceBuildableLibDependency: false,
    allowCircularSelfDependency: true,
    depConstraints: [
      {
        sourceTag: 'type:job',
        onlyDependOnLibsWithTags: [
          'type:lib',
          'type:source',
          ...(tests ? ['type:test-support'] : []),
        ],
      },
      {
        sourceTag: 'type:lib',
        onlyDependOnLibsWithTags: ['type:lib'],
        bannedExternalImports: clients['type:lib'],
      },
      // Jobs share it that read the source; the other jobs stay without a client of Postgres.
      { sourceTag: 'type:source', onlyDependOnLibsWithTags: ['type:lib'] },
      {
        sourceTag: 'type:tool',
        // The operator reads source and warehouse with the settings and clients of the jobs that use them.
        onlyDependOnLibsWithTags: [
          'type:lib',
          'type:source',
          'type:job',
          'type:rights',
          ...(tests ? ['type:test-support'] : []),
        ],
      },
      {
        sourceTag: 'type:deployment',
        onlyDependOnLibsWithTags: [
          'type:lib',
          'type:rights',
          'type:tool',
          ...(tests ? ['type:test-support'] : []),
        ],
      },
      // They are data, and no job needs them to run.
      { sourceTag: 'type:rights', onlyDependOnLibsWithTags: [] },
      { sourceTag: 'type:local-cloud', onlyDependOnLibsWithTags: ['type:local-cloud'] },
      {
        sourceTag: 'type:test-support',
        onlyDependOnLibsWithTags: ['type:local-cloud', 'type:rights'],
      },
      {
        sourceTag: 'type:test-suite',
        onlyDependOnLibsWithTags: [
          'type:lib',
          'type:tool',
          'type:test-support',
          'type:test-suite',
          'type:local-cloud',
          'type:rights',
        ],
      },
    ],
  },
];

export default tseslint.config(
  // AssemblyScript is another language; its compiler checks it.
  { ignores: ['**/dist', '**/out-tsc', '.local', '.nx', '**/assembly/!(compile).ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(false),
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Only the shell of a program may read or end the process.
    files: ['{packages,dev}/*/src/**/*.ts'],
    ignores: ['**/main.ts', 'dev/local-*/**', 'packages/operator/**', 'dev/sample/**'],
    rules: { 'no-restricted-globals': ['error', 'process'] },
  },
  {
    files: ['{packages,dev}/*/test/**/*.ts', 'infra/{aws/test,images}/**/*.ts', '**/*.test.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(true) },
  },
  {
    files: ['{packages,dev}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportDeclaration[source.value="zod"] > ImportSpecifier',
          message:
            "Take it as `import * as z from 'zod'`: what is not used is left out of the bundle.",
        },
        {
          selector: 'MemberExpression[object.name="z"][property.name="core"]',
          message: 'z.core brings all of zod into the bundle (400 KB); read schema.def instead.',
        },
      ],
    },
  },
  {
    files: ['packages/**/*.ts'],
    // The operator asks EMR for the Spark UI, which no job does.
    ignores: ['packages/emr-clean/**', 'packages/operator/src/spark-ui/**'],
    rules: {
      'no-restricted-imports': ['error', { paths: ['@aws-sdk/client-emr'] }],
    },
  },
  prettier,
);
