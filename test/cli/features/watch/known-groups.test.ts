import type { WaitGroup } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { type GroupChange, KnownGroups } from '../../../../cli/src/features/watch/known-groups.ts';
import { buildWaitGroup } from '../../../schema/wait-groups.ts';

const group = (name: string, resourceVersion: string, uid = `uid-${name}`) =>
  buildWaitGroup({ metadata: { name, resourceVersion, uid } });
const listed = (...items: WaitGroup[]) => ({ type: 'LISTED' as const, items, resourceVersion: '9' });
const told = (changes: readonly GroupChange[]) =>
  changes.map(({ kind, group: { metadata } }) => `${metadata.name} ${kind} at ${metadata.resourceVersion}`);

describe('KnownGroups', () => {
  it('reports the first list and each event', () => {
    const known = new KnownGroups();
    expect(told(known.observe(listed(group('a', '1'), group('b', '2'))))).toEqual(['a changed at 1', 'b changed at 2']);
    expect(told(known.observe({ type: 'MODIFIED', object: group('a', '3') }))).toEqual(['a changed at 3']);
    expect(told(known.observe({ type: 'DELETED', object: group('a', '4') }))).toEqual(['a deleted at 4']);
    expect(told(known.observe({ type: 'ADDED', object: group('a', '5', 'uid-2') }))).toEqual(['a changed at 5']);
  });

  it('reports only the changes of a gap: updates, creations and deletions', () => {
    const known = new KnownGroups();
    known.observe(listed(group('gone', '1'), group('same', '2'), group('old', '3')));
    known.observe({ type: 'MODIFIED', object: group('old', '4') });
    expect(told(known.observe(listed(group('same', '2'), group('old', '5'), group('new', '6'))))).toEqual([
      'gone deleted at 1',
      'old changed at 5',
      'new changed at 6',
    ]);
    expect(known.observe(listed(group('same', '2'), group('old', '5'), group('new', '6')))).toEqual([]);
  });

  it('reports a WaitGroup that was recreated in a gap as a deletion and a creation', () => {
    const known = new KnownGroups();
    known.observe(listed(group('a', '1')));
    expect(told(known.observe(listed(group('a', '7', 'uid-2'))))).toEqual(['a deleted at 1', 'a changed at 7']);
  });

  it('distinguishes equal names in two namespaces', () => {
    const known = new KnownGroups();
    const elsewhere = buildWaitGroup({ metadata: { name: 'a', namespace: 'other', uid: 'uid-3' } });
    known.observe(listed(group('a', '1'), elsewhere));
    expect(told(known.observe(listed(elsewhere)))).toEqual(['a deleted at 1']);
  });
});
