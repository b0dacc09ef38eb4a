// The Node version that the npm package needs. On an older one its dependencies fail with errors that do not say so.
import manifest from '../../package.json' with { type: 'json' };

const REQUIRED = manifest.engines.node.replace('>=', '');

/** Returns an error message when this runtime is too old. */
export function checkNodeVersion({
  node,
  bun,
}: {
  readonly node: string;
  readonly bun?: string | undefined;
}): string | undefined {
  if (bun !== undefined || node.localeCompare(REQUIRED, 'en', { numeric: true }) >= 0) return undefined;
  return `Node ${REQUIRED} or newer is required, but this is ${node}: update Node, or use the koncli executable, which does not need it`;
}
