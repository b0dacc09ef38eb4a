import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { synthesizeHelmChart } from '../../../../cdk8s/src/shipped/helm/chart.ts';
import { template } from '../../../../cdk8s/src/shipped/helm/templates.ts';

const chart = synthesizeHelmChart();
const textOf = (path: string) => chart.get(path) ?? '';

/** `image.tag` of `{ image: { tag: '' } }`; what `isLeaf` says is not looked into. */
function pathsOf(value: object, isLeaf: (path: string) => boolean, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`;
    return typeof inner === 'object' && !isLeaf(path) ? pathsOf(inner, isLeaf, `${path}.`) : [path];
  });
}

describe('the Helm chart', () => {
  it('has a value for everything that its templates ask for, and no other', () => {
    const templates = [...chart].filter(([path]) => path.startsWith('templates/')).map(([, text]) => text);
    const asked = [...templates.join('').matchAll(/\.Values\.([\w.]+)/g)].map(([, path]) => path);
    const given = pathsOf(parse(textOf('values.yaml')), (path) => ['resources', 'imagePullSecrets'].includes(path));
    expect(given.sort()).toEqual([...new Set(asked)].sort());
  });

  it('leaves no placeholder', () => {
    expect([...chart.values()].join('')).not.toContain('konductor-placeholder');
  });

  it('has no object that Helm would read as something else', () => {
    const object = { kind: 'ConfigMap', metadata: { name: 'legend' }, data: { legend: '{{pod}}' } };
    expect(() => template([object])).toThrow('an object of the chart has {{ in it');
  });
});
