import js from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// Without a fresh project graph in Nx's cache the rule about boundaries only warns, and checks nothing.
await createProjectGraphAsync({ exitOnError: false });

/** The libraries that each project may import. The tags of a project are in its package.json. */
const layers = [
  { sourceTag: 'layer:pure', onlyDependOnLibsWithTags: ['layer:pure'] },
  // The planner speaks of tasks, not of bytes and paths.
  { sourceTag: 'project:planner', notDependOnLibsWithTags: ['project:protocol'] },
  { sourceTag: 'layer:runtime', onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime'] },
  { sourceTag: 'layer:zookeeper', onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime'] },
  {
    sourceTag: 'layer:coordination',
    onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime', 'layer:zookeeper'],
  },
  // Reads the tree for those that show it: roles and programs.
  { sourceTag: 'layer:inspect', onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime', 'layer:zookeeper'] },
  // Roles never import each other: they meet in ZooKeeper only.
  {
    sourceTag: 'layer:role',
    onlyDependOnLibsWithTags: ['layer:pure', 'layer:runtime', 'layer:zookeeper', 'layer:coordination', 'layer:inspect'],
  },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: [
      'layer:pure',
      'layer:runtime',
      'layer:zookeeper',
      'layer:coordination',
      'layer:inspect',
      'layer:role',
      'layer:app',
    ],
  },
  { sourceTag: 'layer:testing', notDependOnLibsWithTags: ['layer:app'] },
  // Runs in browsers.
  { sourceTag: 'layer:browser', onlyDependOnLibsWithTags: ['layer:pure'] },
  // Passes garbage to everything that reads input.
  { sourceTag: 'layer:fuzz', onlyDependOnLibsWithTags: ['*'] },
  // Runs the programs and breaks what is around them; nobody imports it.
  { sourceTag: 'project:chaos', onlyDependOnLibsWithTags: ['*'] },
];

/** Tests may import `@drover/testing` too. */
const layersOfTests = layers.map((rule) =>
  rule.onlyDependOnLibsWithTags
    ? { ...rule, onlyDependOnLibsWithTags: [...rule.onlyDependOnLibsWithTags, 'layer:testing'] }
    : rule,
);

const boundaries = (depConstraints, more = {}) => [
  'error',
  { depConstraints, enforceBuildableLibDependency: false, allowCircularSelfDependency: false, ...more },
];

const TAKE_A_RUNTIME =
  'Take a Runtime (@drover/runtime) as an argument: the simulator runs this code on its own clock.';
const PURE = 'This library is pure: what it needs comes in as arguments.';

const ambientGlobals = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'performance',
].map((name) => ({ name, message: TAKE_A_RUNTIME }));
const ambientProperties = [
  { object: 'Date', property: 'now', message: TAKE_A_RUNTIME },
  { object: 'Math', property: 'random', message: TAKE_A_RUNTIME },
  { object: 'performance', property: 'now', message: TAKE_A_RUNTIME },
];
const ambientSyntax = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: TAKE_A_RUNTIME },
  { selector: "CallExpression[callee.name='Date']", message: TAKE_A_RUNTIME },
];
const ambientModules = ['node:timers', 'node:timers/promises', 'node:perf_hooks'].map((name) => ({
  name,
  message: TAKE_A_RUNTIME,
}));
const zooKeeperDrivers = ['zookeeper', 'node-zookeeper-client'].map((name) => ({
  name,
  message: 'Go through the port of @drover/zookeeper.',
}));
const impureGlobals = ['process', 'Buffer', 'fetch', 'crypto', 'console', 'queueMicrotask'].map((name) => ({
  name,
  message: PURE,
}));

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.nx/', '**/.drover/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@nx/enforce-module-boundaries': boundaries(layers),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      // This rule asks for the `!` that another rule forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A caught value may be thrown again, of whatever type it is.
      '@typescript-eslint/only-throw-error': ['error', { allowRethrowing: true, allowThrowingUnknown: true }],
      // `while (true)` is allowed: loops of protocols run until they return.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // An empty string, 0 and false are often meant to fall through.
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true, number: true, boolean: true } },
      ],
      // A type parameter that only the caller knows (`get<Result>()`) is how typed clients read.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // An implementation of an asynchronous interface need not wait for anything.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['{libs,apps}/*/src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts'],
    // A promise that is not awaited is given to `inBackground` of @drover/runtime, so that nobody overlooks its
    // failure. Tests need no such rule: an unhandled rejection fails the run.
    rules: { '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }] },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    // A benchmark and a chaos run measure time as it passes; pages have the clock of their browser.
    ignores: [
      'libs/runtime/**',
      'libs/testing/**',
      'apps/bench/**',
      'apps/chaos/**',
      'apps/dashboard/**',
      '**/*.test.ts',
      '**/test/**',
    ],
    rules: {
      'no-restricted-globals': ['error', ...ambientGlobals],
      'no-restricted-properties': ['error', ...ambientProperties],
      'no-restricted-syntax': ['error', ...ambientSyntax],
      'no-restricted-imports': ['error', { paths: [...ambientModules, ...zooKeeperDrivers] }],
    },
  },
  {
    files: ['libs/zookeeper/**/*.ts'],
    ignores: ['**/*.test.ts', '**/test/**'],
    rules: { 'no-restricted-imports': ['error', { paths: ambientModules }] },
  },
  {
    files: ['libs/{core,strategies,calendar,planner,protocol,schedules,flow}/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambientGlobals, ...impureGlobals],
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: PURE }] }],
    },
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts', 'libs/testing/**/*.ts'],
    rules: {
      // Commands import some modules dynamically, to start fast; their tests may import these statically.
      '@nx/enforce-module-boundaries': boundaries(layersOfTests, { checkDynamicDependenciesExceptions: ['.*'] }),
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Programs that Node runs as they are: bin files, scripts of tools/, this file.
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        TextDecoder: 'readonly',
        TextEncoder: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        setImmediate: 'readonly',
        clearTimeout: 'readonly',
        clearInterval: 'readonly',
        structuredClone: 'readonly',
      },
    },
  },
);
