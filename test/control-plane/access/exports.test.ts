import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { exportLines } from './exports.ts';

/** What a shell has in these variables after it evaluated the lines. */
function evaluate(lines: readonly string[]): string[] {
  const script = [...lines, 'printf "%s\\n%s\\n" "$KUBECONFIG" "$PATH"'].join('\n');
  const env = { PATH: '/usr/bin:/a folder/bin' };
  return execFileSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' }).trimEnd().split('\n');
}

it.each(['/tmp/plain', '/tmp/with a space', "/tmp/it's", '/tmp/$HOME `id` "x" \\', '/tmp/ünï'])(
  'exports what is in %s',
  (folder) => {
    const access = { kubeconfig: `${folder}/kubeconfig`, kubectl: `${folder}/bin/kubectl` };
    expect(evaluate(exportLines(access))).toEqual([`${folder}/kubeconfig`, `${folder}/bin:/usr/bin:/a folder/bin`]);
  },
);

it('puts other folders before that of kubectl', () => {
  const access = { kubeconfig: '/k', kubectl: '/bin/kubectl' };
  expect(evaluate(exportLines(access, ['/one', '/two']))[1]).toBe('/one:/two:/bin:/usr/bin:/a folder/bin');
});
