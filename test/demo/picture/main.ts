// npm run demo-picture: plays the story before a real control plane, and writes the picture that the README shows.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/root.ts';
import { startControlPlane } from '../../control-plane/index.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { drawStory, PICTURE } from './picture.ts';

const controlPlane = await startControlPlane({ log: (line) => process.stderr.write(`demo-picture: ${line}\n`) });
try {
  await installCrd(controlPlane);
  writeFileSync(join(root, PICTURE), await drawStory(controlPlane, controlPlane.kubeconfig));
  console.log(PICTURE);
} finally {
  await controlPlane.stop();
}
