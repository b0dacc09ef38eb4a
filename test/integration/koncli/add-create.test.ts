import type { WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { firstDo, loseResponse, pass } from '../../faults/faults.ts';
import { openClient, restrictedKubeconfig } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'add-create');
});

const addTo = (...args: string[]) => ['wg', 'add', 'batch', '-n', namespace, '--create', ...args];
const read = () => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', 'batch', '-n', namespace]);
const said = (text: string) => ({ code: 0, stdout: `waitgroup.konductor.io/batch ${text}\n`, stderr: '' });

describe('koncli waitgroup add --create', () => {
  it('creates a missing WaitGroup and counts; leaves an existing one as it is', async () => {
    expect(await koncli(addTo('--ttl', '1h', '--delta', '2'), controlPlane)).toEqual(said('added 2, counter is 2'));
    expect(await koncli(addTo('--ttl', '60m'), controlPlane)).toEqual(said('added 1, counter is 3'));
    expect(await read()).toMatchObject({ spec: { ttl: '1h' }, status: { counter: 3, added: 3 } });
  });

  it('counts each once when many find none at once', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => koncli(addTo(), controlPlane)));
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, '']));
    expect((await read()).status).toMatchObject({ counter: 8, added: 8 });
  });

  it.each([
    ['1h', 'a TTL of 1h'],
    [undefined, 'no TTL'],
  ])('warns that --ttl changes nothing when the WaitGroup exists with the TTL %s', async (ttl, existing) => {
    await koncli(addTo(...(ttl ? ['--ttl', ttl] : [])), controlPlane);
    expect(await koncli(addTo('--ttl', '5m'), controlPlane)).toEqual({
      ...said('added 1, counter is 2'),
      stderr: `koncli: waitgroup "batch" exists already with ${existing}: --ttl was ignored\n`,
    });
  });

  it('reports that it created the WaitGroup when it could not count', async () => {
    const rules = [{ apiGroups: ['konductor.io'], resources: ['waitgroups'], verbs: ['create', 'get'] }];
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules, name: 'creator' });
    const { code, stderr } = await koncli(addTo(), { kubeconfig });
    expect([code, stderr.split('\n')]).toEqual([
      4,
      [
        'koncli: waitgroup "batch" was created, but nothing was added to it yet',
        expect.stringMatching(/^koncli: .* is forbidden/),
        '',
      ],
    ]);
  });

  it('reports a missing namespace', async () => {
    const { code, stderr } = await koncli(['wg', 'add', 'batch', '--create', '-n', 'nowhere'], controlPlane);
    expect([code, stderr]).toEqual([
      2,
      'koncli: namespaces "nowhere" not found: create it, or select another with -n\n',
    ]);
  });

  it('counts once when the responses to all writes are lost', async () => {
    const proxy = await startFaultProxy(controlPlane, namespace);
    proxy.onCreate(loseResponse);
    proxy.onWrite(loseResponse);
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    const { code, stdout } = await koncli(addTo(), { kubeconfig });
    expect({ code, stdout, stderr: '' }).toEqual(said('added 1, counter is 1'));
    expect((await read()).status).toMatchObject({ counter: 1, added: 1 });
    expect(proxy.requests.filter((request) => request === 'POST list')).toHaveLength(2);
  });

  it('recreates a WaitGroup that is deleted before the count', async () => {
    const direct = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
    const proxy = await startFaultProxy(controlPlane, namespace);
    proxy.onRead(
      pass,
      firstDo(() => direct.delete('batch'), pass),
    );
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    expect(await koncli(addTo(), { kubeconfig })).toEqual(said('added 1, counter is 1'));
  });
});
