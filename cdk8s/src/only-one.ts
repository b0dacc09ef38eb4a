// Constructs whose objects have fixed names: a second one in a chart would change the objects of the first.
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { inProps } from './props/rules.ts';

/** Throws where the chart has another one of its class. */
export function checkOnlyOne(kind: string, construct: Construct): void {
  const isSame = (other: Construct) => other !== construct && other.constructor === construct.constructor;
  const other = Chart.of(construct).node.findAll().find(isSame);
  if (other)
    inProps(kind, construct, () => {
      throw new Error(`${other.node.path} makes objects of the same names in this chart: leave one of both out`);
    });
}
