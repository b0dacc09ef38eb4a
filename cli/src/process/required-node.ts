// Which Node the npm package runs on. On an older one its dependencies fail with errors that say nothing.
import manifest from '../../package.json' with { type: 'json' };

/** The versions of process.versions that this needs; Bun has one of its own. */
export interface RuntimeVersions {
  readonly node: string;
  readonly bun?: string | undefined;
}

const REQUIRED = manifest.engines.node.replace('>=', '');

/** One line on what to do; undefined when this runtime will do. */
export function complainOfNode({ node, bun }: RuntimeVersions): string | undefined {
  if (bun !== undefined || compareVersions(node, REQUIRED) >= 0) return undefined;
  return `Node ${REQUIRED} or newer is needed, this is ${node}: update it, or use the executable, which needs none`;
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
