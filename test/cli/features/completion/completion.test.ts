import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../client/connect/temporary-directory.ts';
import { koncli } from '../../invocations.ts';

/** The completions for the last word of a line. */
async function complete(line: string, env: Record<string, string> = { HOME: '/nonexistent' }) {
  const { code, stdout, stderr } = await koncli(['__complete', ...line.split(' ')], { env });
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  return { values: lines.slice(0, -1).map((text) => text.split('\t')[0]), lines, directive: lines.at(-1) };
}

describe('completion', () => {
  it('describes commands', async () => {
    const { lines } = await complete('wai');
    expect(lines).toEqual(['waitgroup\tcount work and wait until all of it is done', ':4']);
  });

  it.each([
    ['ver', ['version']],
    ['help do', ['doctor']],
    ['st', ['status']],
    ['wg st', ['status']],
    ['status --al', ['--all-namespaces']],
    ['wg done x --as', ['--as', '--as-group', '--as-uid']],
    ['wg d', ['done', 'delete']],
    ['-n jobs waitgroup de', ['delete']],
    ['help waitgroup cr', ['create']],
    ['wg done x --d', ['--delta']],
    ['wg list --all', ['--all-namespaces']],
    ['wg done x --op', ['--operation-id']],
    ['wg run x --no', ['--no-add']],
    ['wg run x ', []],
    ['wg get x --hel', ['--help']],
    ['wg done x --kube', ['--kubeconfig']],
    ['wg get x -o ', ['text', 'wide', 'json', 'yaml', 'name']],
    ['wg get x --output j', ['json']],
    ['wg get x --output=j', ['--output=json']],
    ['--log-level ', ['error', 'warn', 'info', 'debug']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['completion bash ', []],
    ['version ', []],
    ['wg done x --delta ', []],
    ['nonsense --what ', []],
  ])('completes "%s" with %j', async (line, expected) => {
    const { values, directive } = await complete(line);
    expect({ values, directive }).toEqual({ values: expected, directive: ':4' });
  });

  it.each(['--kubeconfig ', '--kubeconfig /et', 'wg wait -- ', 'wg wait -- x -', 'wg run x -- ', 'wg run -- ls -'])(
    'leaves "%s" to the shell',
    async (line) => {
      expect(await complete(line)).toMatchObject({ values: [], directive: ':0' });
    },
  );

  it('returns nothing and logs nothing without a cluster', async () => {
    for (const line of ['wg wait ', '-n ', '--context ', 'wg wait -n=Foo '])
      expect(await complete(line)).toMatchObject({ values: [], directive: ':4' });
  });

  it('completes the contexts of all kubeconfigs', async () => {
    const folder = temporaryDirectory();
    const files = [
      ['kind', 'prod'],
      ['prod', 'staging'],
    ].map((names, index) => folder.write(String(index), JSON.stringify({ contexts: names.map((name) => ({ name })) })));
    expect((await complete('--context ', { KUBECONFIG: ['/nonexistent/config', ...files].join(':') })).values).toEqual([
      'kind',
      'prod',
      'staging',
    ]);
    expect((await complete(`--kubeconfig ${files[0]} --context p`, { KUBECONFIG: '' })).values).toEqual(['prod']);
  });
});

describe('koncli completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s that also completes the plugin', async (shell) => {
    const { code, stdout, stderr } = await koncli(['completion', shell]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/__complete.*kubectl-konductor/s);
  });

  it('rejects other shells', async () => {
    expect(await koncli(['completion', 'csh'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Allowed choices are bash, zsh, fish'),
    });
  });

  it('calls a command that the help hides', async () => {
    expect((await koncli(['--help'])).stdout).not.toContain('__complete');
  });
});
