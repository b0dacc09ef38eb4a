import { expect, inject, it } from 'vitest';
import { newFoldedGroup } from './folded-group.ts';

const access = inject('controlPlane');

it('adds and finishes', async () => {
  const group = await newFoldedGroup(access);
  const added = await group.worker().add({ onRecorded: () => void group.fold() });
  expect(added).toMatchObject({ outcome: 'recorded', group: { status: { counter: 1 } } });
  expect(await group.worker().done()).toMatchObject({ outcome: 'recorded', record: { spec: { state: 'Done' } } });
  expect((await group.fold()).status).toMatchObject({ counter: 0, completions: 1 });
});
