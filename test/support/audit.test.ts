import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { auditEvents } from './cluster/audit.ts';

let folder: string;
let auditLog: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-audit-'));
  auditLog = join(folder, 'audit.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Its body names a namespace, too: that of the request counts. */
const eventOf = (verb: string, namespace: string, username = 'ä') =>
  JSON.stringify({
    ...{ verb, user: { username }, objectRef: { resource: 'pods', namespace, name: 'a' } },
    requestObject: { objectRef: { namespace: 'other' } },
  });
const verbs = async (filter?: object) => (await auditEvents({ auditLog }, filter)).map(({ verb }) => verb);

it('finds the events of a namespace and of a user, in the order of the log', async () => {
  const cluster = JSON.stringify({ verb: 'watch', user: { username: 'me' } });
  const lines = [eventOf('get', 'one'), eventOf('list', 'two', 'me'), cluster, eventOf('delete', 'one')];
  appendFileSync(auditLog, `${lines.join('\n')}\n`);
  expect(await verbs()).toEqual(['get', 'list', 'watch', 'delete']);
  expect(await verbs({ namespace: 'one' })).toEqual(['get', 'delete']);
  expect(await verbs({ namespace: 'one', verb: 'delete' })).toEqual(['delete']);
  expect(await verbs({ username: 'me' })).toEqual(['list', 'watch']);
  expect(await verbs({ username: 'me', namespace: 'one' })).toEqual([]);
  expect(await verbs({ namespace: 'other' })).toEqual([]);
});

it('reads on where it stopped, and leaves a line that is not complete', async () => {
  const [first, second] = [eventOf('get', 'one'), eventOf('update', 'one')];
  appendFileSync(auditLog, `${first}\n${second.slice(0, 20)}`);
  expect(await verbs({ namespace: 'one' })).toEqual(['get']);
  appendFileSync(auditLog, `${second.slice(20)}\n`);
  expect(await verbs({ namespace: 'one' })).toEqual(['get', 'update']);
  appendFileSync(auditLog, `${eventOf('patch', 'one'.padEnd(3_000_000, 'e'))}\n${eventOf('delete', 'one')}\n`);
  const twice = await Promise.all([verbs({ namespace: 'one' }), verbs({ namespace: 'one' })]);
  expect(twice).toEqual([
    ['get', 'update', 'delete'],
    ['get', 'update', 'delete'],
  ]);
});
