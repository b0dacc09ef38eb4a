// The picture in the README is that of a run with the koncli of today: when its output changes, npm run demo-picture draws another.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { root } from '../../scripts/root.ts';
import { drawStory, PICTURE } from '../demo/picture/picture.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { kubeconfigIn } from '../support/processes/koncli-fixtures.ts';
import { isInstalled } from '../support/processes/shell-terminal.ts';

const access = inject('controlPlane');

it.skipIf(!isInstalled('script'))('the picture of a terminal shows what koncli and kubectl print', async () => {
  const kubeconfig = await kubeconfigIn(access, await createNamespace(access, 'picture'));
  expect(await drawStory(access, kubeconfig)).toBe(readFileSync(join(root, PICTURE), 'utf8'));
});
