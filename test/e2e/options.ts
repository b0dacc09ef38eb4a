// The flags of `npm run test:e2e`.
import { parseArgs } from 'node:util';
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '@konductor/cdk8s';

export interface E2eOptions {
  /** The kubeconfig context of the cluster to use. */
  readonly context: string;
  readonly operatorImage: string;
  readonly koncliImage: string;
  /** The image of the examples' containers and of the injected pods: any with a shell, seq and tail. */
  readonly image: string;
  /** An image that holds nothing, for one more injected pod. Absent: there is no such pod. */
  readonly emptyImage: string | undefined;
}

export const USAGE = `usage: npm run test:e2e -- --context NAME [flags]
  --context NAME           of your kubeconfig; the cluster must have no Konductor yet
  --operator-image IMAGE   default: ${OPERATOR_IMAGE} (npm run images makes it; load it into the nodes)
  --koncli-image IMAGE     default: ${KONCLI_IMAGE}
  --image IMAGE            of the examples' containers; default: busybox:1.37.0
  --empty-image IMAGE      of one more injected pod: an image that holds nothing; default: no such pod`;

const text = { type: 'string' } as const;

/** Throws a sentence when they are wrong: no cluster is touched that was not named. */
export function parseOptions(args: readonly string[]): E2eOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      context: text,
      'operator-image': { ...text, default: OPERATOR_IMAGE },
      'koncli-image': { ...text, default: KONCLI_IMAGE },
      image: { ...text, default: 'busybox:1.37.0' },
      'empty-image': text,
    },
  });
  if (!values.context) throw new Error('which cluster? Name it by --context');
  const { context, image } = values;
  return {
    ...{ context, image, emptyImage: values['empty-image'] },
    ...{ operatorImage: values['operator-image'], koncliImage: values['koncli-image'] },
  };
}
