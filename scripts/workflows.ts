// The forge's workflows: they call what anybody can call, .ci/run and npm run release. `.projenrc.ts` writes them.

/** By version tags, because only the forge can say which commit a tag is: docs/release.md. */
const CHECKOUT = { uses: 'actions/checkout@v5', with: { 'persist-credentials': false } };
const SETUP = [
  CHECKOUT,
  { uses: 'actions/setup-node@v5', with: { 'node-version': 24, cache: 'npm' } },
  { uses: 'actions/setup-go@v6', with: { 'go-version': '1.26', cache: false } },
  {
    uses: 'actions/cache@v4',
    with: {
      path: '~/.cache/konductor',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the forge
      key: "konductor-${{ runner.os }}-${{ hashFiles('package-lock.json', 'test/control-plane/go/**') }}",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the forge
      'restore-keys': 'konductor-${{ runner.os }}-',
    },
  },
];
const RUNNER = { 'runs-on': 'ubuntu-24.04', permissions: { contents: 'read' } };

const upload = (name: string, path: string, condition: object = {}) => ({
  ...condition,
  uses: 'actions/upload-artifact@v4',
  // .vitest is hidden.
  with: { name, path, 'include-hidden-files': true, 'if-no-files-found': 'error' },
});

/** By the names of their files. */
export const workflows = {
  ci: {
    name: 'CI',
    on: { push: { branches: ['main'] }, pull_request: {} },
    permissions: {},
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the forge
    concurrency: { group: 'ci-${{ github.ref }}', 'cancel-in-progress': "${{ github.event_name == 'pull_request' }}" },
    jobs: {
      ci: {
        ...RUNNER,
        'timeout-minutes': 120,
        steps: [...SETUP, { run: '.ci/run' }, upload('test-reports', '.vitest/json', { if: 'always()' })],
      },
    },
  },
  release: {
    name: 'Release',
    on: { workflow_dispatch: {}, push: { tags: ['v*'] } },
    permissions: {},
    jobs: {
      // Publishes nothing: a maintainer looks at the artifacts first.
      artifacts: {
        ...RUNNER,
        'timeout-minutes': 60,
        steps: [...SETUP, { run: 'npm run release -- --dry-run' }, upload('release', 'dist/release')],
      },
    },
  },
};
