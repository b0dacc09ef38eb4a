import { describe, expect, it } from 'vitest';
import { checkNodeVersion } from '../../../cli/src/process/required-node.ts';

describe('checkNodeVersion', () => {
  it.each(['22.19.0', '22.20.1', '24.0.0', '100.0.0'])('accepts Node %s', (node) => {
    expect(checkNodeVersion({ node })).toBeUndefined();
  });

  it.each(['9.0.0', '20.20.2', '22.9.0', '22.18.9'])('rejects Node %s', (node) => {
    expect(checkNodeVersion({ node })).toBe(
      `Node 22.19.0 or newer is required, but this is ${node}: update Node, or use the koncli executable, which does not need it`,
    );
  });

  it('accepts Bun, whatever Node version it reports', () => {
    expect(checkNodeVersion({ node: '20.0.0', bun: '1.4.5' })).toBeUndefined();
  });
});
