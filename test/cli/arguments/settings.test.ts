import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addGlobalOptions } from '../../../cli/src/arguments/global-options.ts';
import { UsageCommand } from '../../../cli/src/arguments/help.ts';
import type { Environment } from '../../../cli/src/arguments/invocation.ts';
import { readSettings, withTimeLimit } from '../../../cli/src/arguments/settings.ts';

function parse(line: string): Command {
  const program = new UsageCommand('koncli').exitOverride().configureOutput({ writeErr: () => {} });
  addGlobalOptions(program);
  const verb = program.command('verb').action(() => {});
  program.parse(line.split(' ').filter(Boolean), { from: 'user' });
  return verb;
}

const read = (line: string, env: Environment = {}) => readSettings(parse(line), env);

describe('readSettings', () => {
  const ENV = { KONDUCTOR_NAMESPACE: 'from-env', KONDUCTOR_TIMEOUT: '5m' };

  it('reads flags before and after the verb', () => {
    const expected = {
      kubeconfig: 'k',
      context: 'c',
      impersonate: {},
      namespace: 'n',
      timeout: { text: '1s', ms: 1_000 },
      output: 'json',
    };
    expect(read('--kubeconfig k --context c -n n --timeout 1s -o json verb')).toEqual(expected);
    expect(read('verb --kubeconfig=k --context=c --namespace=n --timeout=1s -ojson')).toEqual(expected);
  });

  it('reads whom to impersonate, with all groups', () => {
    expect(read('verb --as ada --as-uid 1 --as-group one --as-group=two,three')).toMatchObject({
      impersonate: { user: 'ada', uid: '1', groups: ['one', 'two,three'] },
    });
  });

  it('reads the environment where a flag is missing', () => {
    expect(read('verb', ENV)).toMatchObject({ namespace: 'from-env', timeout: { text: '5m', ms: 300_000 } });
    expect(read('verb -n flag --timeout 1s', ENV)).toMatchObject({
      namespace: 'flag',
      timeout: { text: '1s', ms: 1_000 },
    });
  });

  it('treats an empty flag or variable as absent', () => {
    expect(
      read('verb --namespace= --kubeconfig= --context=', { KONDUCTOR_TIMEOUT: '', KONDUCTOR_NAMESPACE: '' }),
    ).toEqual({
      kubeconfig: undefined,
      context: undefined,
      impersonate: {},
      namespace: undefined,
      timeout: undefined,
      output: 'text',
    });
  });
});

describe('withTimeLimit', () => {
  it('defaults to 60 s', () => {
    const command = parse('verb');
    expect(withTimeLimit(readSettings(command, {}), command).timeout).toEqual({ text: '60s', ms: 60_000 });
  });
});
