import { describe, expect, it } from 'vitest';
import { complainOfNode } from '../../../cli/src/process/required-node.ts';

describe('complainOfNode', () => {
  it.each(['22.19.0', '22.20.1', '24.0.0', '100.0.0'])('is silent on Node %s', (node) => {
    expect(complainOfNode({ node })).toBeUndefined();
  });

  it.each(['9.0.0', '20.20.2', '22.9.0', '22.18.9'])('says on Node %s which one to use', (node) => {
    expect(complainOfNode({ node })).toBe(
      `Node 22.19.0 or newer is needed, this is ${node}: update it, or use the executable, which needs none`,
    );
  });

  it('leaves Bun alone, whichever Node it takes itself for', () => {
    expect(complainOfNode({ node: '20.0.0', bun: '1.4.5' })).toBeUndefined();
  });
});
