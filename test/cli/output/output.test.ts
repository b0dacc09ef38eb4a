import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeWaited, type Result, render } from '../../../cli/src/output/output.ts';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';

const group = buildWaitGroup({ spec: { ttl: '1h' }, status: buildStatus({ counter: 2, added: 5 }) });
const lines = (isWide: boolean) => [isWide ? 'wide' : 'text'];
const one: Result = { objects: [group], lines };
const several: Result = { objects: [group, group], isList: true, lines };

describe('render', () => {
  it.each([
    ['text', 'text\n'],
    ['wide', 'wide\n'],
    ['name', 'waitgroup.konductor.io/batch\n'],
  ] as const)('prints -o %s', async (format, expected) => {
    expect(await render(one, format)).toBe(expected);
  });

  it('prints a single WaitGroup as an object in JSON and YAML', async () => {
    expect(JSON.parse(await render(one, 'json'))).toEqual(group);
    expect(parse(await render(one, 'yaml'))).toEqual(group);
  });

  it('prints several as a List, like kubectl', async () => {
    const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: [group, group] };
    expect(JSON.parse(await render(several, 'json'))).toEqual(list);
    expect(parse(await render(several, 'yaml'))).toEqual(list);
    expect(await render(several, 'name')).toBe('waitgroup.konductor.io/batch\n'.repeat(2));
  });

  it('prints an empty List', async () => {
    expect(JSON.parse(await render({ ...several, objects: [] }, 'json'))).toMatchObject({ kind: 'List', items: [] });
  });

  it('quotes what YAML 1.1, which kubectl reads, takes for a date', async () => {
    expect(await render(one, 'yaml')).toContain('creationTimestamp: "2026-01-02T03:04:05Z"\n');
  });

  it('omits managedFields', async () => {
    const managed = { ...group, metadata: { ...group.metadata, managedFields: [{ manager: 'koncli' }] } };
    expect(await render({ objects: [managed], lines }, 'json')).not.toContain('managedFields');
  });
});

describe('describeWaited', () => {
  it('prints the total', () => {
    const done = buildWaitGroup({ status: buildStatus({ added: 5 }) });
    expect(describeWaited(done)).toBe('waitgroup.konductor.io/batch is done, 5 added in total');
  });

  it.each([
    [0, ', but failed (DiskFull)'],
    [1, ''],
  ])('says that the round has failed at counter %d, where it is the one that was waited for', (counter, failed) => {
    const failure = { reason: 'DiskFull', message: 'no space left', at: '2026-01-02T03:04:05Z' };
    const group = buildWaitGroup({ status: { ...buildStatus({ counter, added: 5 }), outcome: 'Failed', failure } });
    expect(describeWaited(group)).toBe(`waitgroup.konductor.io/batch is done, 5 added in total${failed}`);
  });

  it('says when no work was added: the waiter may have started too early', () => {
    expect(describeWaited(buildWaitGroup())).toBe('waitgroup.konductor.io/batch is done, no work was added');
  });
});
