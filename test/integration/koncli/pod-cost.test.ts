import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { compile } from '../../../scripts/executables/compile.ts';
import { koncliExecutable } from '../../../scripts/executables/executables.ts';
import { auditEvents } from '../../support/cluster/audit.ts';
import { grantRules, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createToken } from '../../support/cluster/tokens.ts';
import { needPods, ServiceAccountFolder, startKoncliInPod } from '../../support/pods/pod-process.ts';
import { koncli, resultOf } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let namespace: string;
let folder: ServiceAccountFolder;

/** A pod whose account has the permissions of a worker on the group `batch`, which is done. */
beforeAll(async () => {
  namespace = await createNamespace(controlPlane, 'pod-cost');
  await koncli(['wg', 'create', 'batch', '-n', namespace], controlPlane);
  await grantRules(controlPlane, { namespace, rules: workerRules('batch'), name: 'worker' });
  folder = new ServiceAccountFolder(controlPlane, {
    namespace,
    token: await createToken(controlPlane, { namespace, serviceAccount: 'worker' }),
  });
});

const inPod = (verb: string, executable?: string) =>
  startKoncliInPod(['wg', verb, 'batch'], {
    server: controlPlane.server,
    folder,
    ...(executable && { executable }),
  }).result;

/** The requests of the account so far: the log is complete up to a request that was sent after them. */
async function requestsOfPod(): Promise<string[]> {
  const fence = `/api/v1/namespaces/${namespace}?fence=${Math.random()}`;
  await kubectlOutput(controlPlane, ['get', '--raw', fence]);
  const hasFence = async () =>
    (await auditEvents(controlPlane, { namespace })).some(({ requestURI }) => requestURI === fence);
  await eventually('the audit of the last request', hasFence);
  const username = `system:serviceaccount:${namespace}:worker`;
  const events = await auditEvents(controlPlane, { username, stage: 'ResponseComplete' });
  return events.map(({ verb, objectRef }) => [verb, objectRef?.resource, objectRef?.subresource].join(' ').trim());
}

describe('koncli in a pod', () => {
  const counting = ['get waitgroups', 'update waitgroups status'];
  it.for([
    ['add', counting],
    ['done', counting],
    ['wait', ['list waitgroups']],
  ] as const)('sends as few requests as possible: %s', async ([verb, expected], { skip }) => {
    needPods(skip);
    const before = await requestsOfPod();
    expect(await inPod(verb)).toMatchObject({ code: 0 });
    const since = async () => (await requestsOfPod()).slice(before.length);
    await eventually('its requests in the audit log', async () => (await since()).length >= expected.length);
    expect(await since()).toEqual(expected);
  });

  it('loads neither YAML nor TypeBox', async ({ skip }) => {
    needPods(skip);
    const executable = join(controlPlane.directory, 'koncli-without-libraries');
    const without = ['yaml', 'typebox'].map((name) => `--external=${name}`);
    const formatFlags = [...koncliExecutable.formatFlags, ...without];
    compile({ ...koncliExecutable, outfile: executable, formatFlags });
    for (const verb of ['add', 'done', 'wait']) expect(await inPod(verb, executable)).toMatchObject({ code: 0 });

    const outside = (args: readonly string[]) =>
      resultOf(
        spawn(executable, args, {
          cwd: controlPlane.directory,
          env: { KUBECONFIG: controlPlane.kubeconfig },
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      );
    // Bun has a parser of its own for kubeconfigs.
    expect(await outside(['wg', 'get', 'batch', '-n', namespace])).toMatchObject({ code: 0 });
    expect(await outside(['wg', 'get', 'batch', '-n', namespace, '-o', 'yaml'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('yaml'),
    });
    expect(await outside(['doctor'])).toMatchObject({ code: 1, stderr: expect.stringContaining('typebox') });
  });
});
