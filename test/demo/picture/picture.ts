// The picture of a terminal in the README, from a run of this moment.
import { dirname } from 'node:path';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { recordStory } from './story.ts';
import { drawTerminal } from './svg.ts';

/** Its path in the project. */
export const PICTURE = 'docs/pictures/terminal.svg';

const TITLE =
  'A terminal: koncli adds 10, waits while ten workers call done one after the other, and returns when the counter is 0';

/** Plays the story in the namespace of the kubeconfig. */
export async function drawStory(access: ControlPlaneAccess, kubeconfig: string): Promise<string> {
  const PATH = [dirname(koncliPath()), dirname(access.kubectl), process.env.PATH].join(':');
  const env = { PATH, HOME: access.directory, KUBECONFIG: kubeconfig };
  return drawTerminal(await recordStory({ env, kubeconfig }), TITLE);
}
