import { InvalidWaitGroupError, parseWaitGroup } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../wait-groups.ts';

describe('parseWaitGroup', () => {
  it.each([
    ['without a status', buildWaitGroup()],
    ['with a whole status', buildWaitGroup({ status: buildStatus({ counter: 1, added: 1 }) })],
    ['with counter and phase alone', buildWaitGroup({ status: { counter: 3, phase: 'Waiting' } })],
    ['of a newer schema', { ...buildWaitGroup(), status: { ...buildStatus(), workers: { active: 1 } }, extra: true }],
    ['without a spec', { ...buildWaitGroup(), spec: undefined }],
  ])('gives a group %s back, the same object', async (_name, group) => {
    const sent = JSON.parse(JSON.stringify(group));
    expect(await parseWaitGroup(sent)).toBe(sent);
    expect(sent).toEqual(JSON.parse(JSON.stringify(group)));
  });

  const group = buildWaitGroup();
  it.each([
    [undefined, 'the object'],
    [null, 'the object'],
    ['batch', 'the object'],
    [{}, 'the object'],
    [{ ...group, kind: 'Barrier' }, 'kind'],
    [{ ...group, apiVersion: 'konductor.io/v2' }, 'apiVersion'],
    [{ ...group, metadata: {} }, 'metadata'],
    [{ ...group, metadata: { name: 1 } }, 'metadata.name'],
    [{ ...group, spec: { ttl: 60 } }, 'spec.ttl'],
    [{ ...group, spec: { initialCount: -1 } }, 'spec.initialCount'],
    [{ ...group, status: { phase: 'Done' } }, 'status'],
    [{ ...group, status: { counter: 0, phase: 'Open' } }, 'status.phase'],
    [{ ...group, status: { counter: 1.5, phase: 'Waiting' } }, 'status.counter'],
    [{ ...group, status: { counter: 2 ** 31, phase: 'Waiting' } }, 'status.counter'],
    [{ ...group, status: { counter: 0, phase: 'Done', added: 2 ** 53 } }, 'status.added'],
    [{ ...group, status: { counter: 0, phase: 'Done', recentOperations: [{}] } }, 'status.recentOperations.0'],
  ])('refuses %j, naming %s', async (object, field) => {
    const parsing = parseWaitGroup(object);
    await expect(parsing).rejects.toThrow(InvalidWaitGroupError);
    await expect(parsing).rejects.toThrow(`not a WaitGroup of konductor.io/v1: ${field} `);
  });
});
