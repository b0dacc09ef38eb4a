// Whatever strings an API server, a proxy or another user puts into objects and errors, koncli prints none of their escape
// sequences, line breaks and changes of the text direction.
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { expect, inject, it } from 'vitest';
import { administratorRequest } from '../support/cluster/administrator.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { koncli } from '../support/processes/koncli-process.ts';
import { inParallel } from '../support/waiting/in-parallel.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { ProxiedRequest, ProxiedResponse } from './proxied-request.ts';

const controlPlane = inject('controlPlane');
const HOSTILE = '\x1b]0;PWNED\x07\x1b[2J\r\nkoncli: forged\u2028koncli: forged\u009b1A\u202e$(id)';
const UNSAFE = /[^\P{Cc}\n]|[\p{Bidi_Control}\p{Zl}\p{Zp}]|^koncli: forged/mu;

/** Fields without which koncli rejects the object, and prints why. */
const CHECKED = /^(apiVersion|kind|name|namespace|uid|resourceVersion|continue|phase|status|ttl|at|.*Time(stamp)?)$/;

const COMMANDS = [
  'wg get batch other',
  'wg get batch -o wide',
  'wg get batch -o name',
  'wg get batch --watch',
  'wg list',
  'wg list -A',
  'wg list --watch',
  'wg status batch',
  'wg status batch -o wide',
  'wg status gone',
  'wg wait batch',
  'wg wait -l app=x',
  'wg add batch',
  'wg done batch',
  'wg set batch --counter 2 --reason x',
  'wg run batch --done-timeout 2s -- true',
  'wg create batch',
  'wg delete gone',
  'status',
  'status -o wide',
  'doctor',
  'doctor batch',
  '__complete wg get ',
  '__complete -n ',
];

type Change = (response: ProxiedResponse) => ProxiedResponse;

it.each<[string, Change]>([
  ['in every string that is not checked', (response) => rewritten(response, (field) => !CHECKED.test(field))],
  ['in every string', (response) => rewritten(response, (field) => field !== 'continue')],
  ['in a rejection', () => ({ code: 403, body: JSON.stringify(STATUS) })],
  ['in an error that is not of Kubernetes', () => ({ code: 502, body: HOSTILE })],
])('koncli prints nothing unsafe when it reads it %s', async (_, change) => {
  const namespace = await createNamespace(controlPlane, 'hostile');
  await setUp(namespace);
  const proxy = await startFaultProxy(controlPlane, namespace);
  proxy.otherwise(() => (request) => respond(request, change));
  const kubeconfig = proxy.writeKubeconfig(join(controlPlane.directory, `${namespace}.kubeconfig`));
  const env = { KONDUCTOR_NAMESPACE: namespace, KONDUCTOR_TIMEOUT: '2s' };
  const run = async (line: string) => {
    const verbose = line.startsWith('__complete') ? [] : ['--log-level', 'debug'];
    const { stdout, stderr } = await koncli([...verbose, ...line.split(' ')], { kubeconfig, env });
    return `${stdout}\n${stderr}`;
  };
  const outputs = await inParallel(COMMANDS, run, 8);
  for (const output of outputs) expect(output).not.toMatch(UNSAFE);
  expect(outputs.filter((output) => output.includes('PWNED')).length).toBeGreaterThan(0);
});

const STATUS = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Forbidden',
  code: 403,
  message: `forbidden: User "${HOSTILE}" cannot get resource "x" ${HOSTILE}`,
  details: { name: HOSTILE, kind: HOSTILE, causes: [{ field: HOSTILE, message: HOSTILE }] },
};

/** A WaitGroup with a change, conditions and an Event, and an Event of one that is gone. */
async function setUp(namespace: string): Promise<void> {
  const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
  await wg('create', 'batch', '--initial-count', '3', '--label', 'app=x', '--ttl', '1h');
  await wg('done', 'batch');
  await wg('set', 'batch', '--counter', '3', '--reason', 'x');
  await administratorRequest(controlPlane, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/events`,
    body: {
      metadata: { name: 'gone.1', namespace },
      involvedObject: { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', name: 'gone', namespace },
      reason: 'Expired',
      message: 'x',
      type: 'Normal',
      lastTimestamp: new Date().toISOString(),
    },
  });
}

/** A watch sends one object on each line. */
async function respond(request: ProxiedRequest, change: Change): Promise<void> {
  if (request.label !== 'GET watch') return request.respond(change(await request.forward()));
  for await (const line of createInterface({ input: Readable.from(await request.stream()) }))
    request.write(`${change({ code: 200, body: line }).body}\n`);
}

function rewritten(response: ProxiedResponse, isRewritten: (field: string) => boolean): ProxiedResponse {
  const rewrite = (field: string, value: unknown) =>
    typeof value === 'string' && isRewritten(field) ? `${value}${HOSTILE}` : value;
  return { ...response, body: JSON.stringify(JSON.parse(String(response.body), rewrite)) };
}
