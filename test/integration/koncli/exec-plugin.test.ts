// koncli with credentials of an exec plugin, as cloud providers hand them out.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { changedKubeconfig } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectl } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const env = { PATH: '/usr/bin:/bin' };

/** A file that the test and its plugin know. */
const newPath = (name: string) => join(controlPlane.directory, `${name}-${randomBytes(4).toString('hex')}`);

/** The administrator's kubeconfig, whose credentials a shell script prints. */
async function kubeconfigWith(script: string, more: object = {}): Promise<string> {
  const command = newPath('plugin');
  writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return changedKubeconfig(controlPlane, ({ users }) => {
    for (const one of users)
      one.user = {
        exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', ...more },
      };
  });
}

function administrator(): string {
  const { users } = JSON.parse(readFileSync(controlPlane.kubeconfig, 'utf8'));
  const decode = (field: string) => `${Buffer.from(users[0].user[field], 'base64')}`;
  const status = { clientCertificateData: decode('client-certificate-data'), clientKeyData: decode('client-key-data') };
  return JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status });
}

describe('koncli with an exec plugin', () => {
  it('counts, runs the plugin once, and shows its stderr', async () => {
    const namespace = await createNamespace(controlPlane, 'exec');
    const calls = newPath('calls');
    const credential = newPath('credential');
    writeFileSync(credential, administrator());
    const kubeconfig = await kubeconfigWith(
      `echo x >> ${calls}; echo 'open this page and log in' >&2; cat ${credential}`,
    );
    await koncli(['wg', 'create', 'batch', '-n', namespace], controlPlane);
    expect(await koncli(['wg', 'add', 'batch', '-n', namespace], { kubeconfig, env })).toEqual({
      code: 0,
      stdout: 'waitgroup.konductor.io/batch added 1, counter is 1\n',
      stderr: 'open this page and log in\n',
    });
    expect(readFileSync(calls, 'utf8')).toBe('x\n');
  });

  it('passes the cluster to the plugin like kubectl, with extensions', async () => {
    const info = newPath('info');
    const kubeconfig = await kubeconfigWith(`echo "$KUBERNETES_EXEC_INFO" > ${info}; exit 3`, {
      provideClusterInfo: true,
    });
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    const extensions = [
      { name: 'client.authentication.k8s.io/exec', extension: { audience: 'one', list: [1, 'two'] } },
    ];
    for (const { cluster } of config.clusters)
      Object.assign(cluster, { extensions, 'tls-server-name': 'kubernetes', 'proxy-url': 'http://127.0.0.1:1' });
    writeFileSync(kubeconfig, JSON.stringify(config));
    const read = () => JSON.parse(readFileSync(info, 'utf8'));
    expect(await koncli(['wg', 'get', 'batch'], { kubeconfig, env })).toMatchObject({ code: 1 });
    const byKoncli = read();
    await kubectl(controlPlane, ['get', '--raw', '/version'], { kubeconfig });
    expect(byKoncli).toEqual(read());
    expect(byKoncli.spec.cluster).toMatchObject({ config: extensions[0]?.extension });
  });

  it('reports in one line that the plugin failed, after its stderr', async () => {
    const kubeconfig = await kubeconfigWith('echo "no session" >&2; exit 3');
    const { code, stdout, stderr } = await koncli(['wg', 'add', 'batch'], { kubeconfig, env });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^no session\nkoncli: the kubeconfig's credentials cannot be used: the exec plugin \S+ failed with exit code 3\n$/,
    );
  });

  it('reports a plugin that needs a terminal', async () => {
    const kubeconfig = await kubeconfigWith('true', { interactiveMode: 'Always' });
    const { code, stderr } = await koncli(['wg', 'add', 'batch'], { kubeconfig, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /the exec plugin \S+ needs a terminal to prompt on \(interactiveMode: Always\), and stdin is not one\n$/,
    );
  });

  it.each([
    [['wg', 'add', 'batch'], 5, 'the API server did not respond; nothing was changed'],
    [['wg', 'get', 'batch'], 5, 'the API server did not respond within 1s'],
    [['doctor'], 5, 'failed checks: API server'],
  ])('observes its time limit when the plugin hangs: %j', async (args, code, line) => {
    const kubeconfig = await kubeconfigWith('exec sleep 60');
    const run = await koncli([...args, '--timeout', '1s'], { kubeconfig, env });
    expect(run).toMatchObject({ code, stderr: expect.stringContaining(line) });
  });

  it.each([
    ['add', 'stopped by SIGTERM; nothing was changed'],
    ['get', 'stopped by SIGTERM while waiting for credentials'],
  ])('ends on a signal while the plugin hangs: %s', async (verb, line) => {
    const begun = newPath('begun');
    const run = startKoncli(['wg', verb, 'batch'], {
      kubeconfig: await kubeconfigWith(`: > ${begun}; exec sleep 60`),
      env,
    });
    await eventually('the plugin', async () => existsSync(begun));
    run.process.kill('SIGTERM');
    expect(await run.result).toMatchObject({ code: 143, stderr: `koncli: ${line}\n` });
  });
});
