import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { synthesizeHelmChart } from '../../../../cdk8s/src/shipped/helm/chart.ts';
import { template } from '../../../../cdk8s/src/shipped/helm/templates.ts';

const chart = synthesizeHelmChart();
const textOf = (path: string) => chart.get(path) ?? '';

/** For example `image.tag` for `{ image: { tag: '' } }`; the fields of a leaf are not listed. */
function pathsOf(value: object, isLeaf: (path: string) => boolean, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`;
    return typeof inner === 'object' && !isLeaf(path) ? pathsOf(inner, isLeaf, `${path}.`) : [path];
  });
}

describe('the Helm chart', () => {
  it('has exactly the values that its templates use', () => {
    const templates = [...chart].filter(([path]) => path.startsWith('templates/')).map(([, text]) => text);
    // (.Values.parent).field is .Values.parent.field, also where the parent is missing.
    const paths = templates.join('').replaceAll(/\((\.Values\.\w+)\)/g, '$1');
    const asked = [...paths.matchAll(/\.Values\.([\w.]+)/g)].map(([, path]) => path);
    const given = pathsOf(parse(textOf('values.yaml')), (path) => ['resources', 'imagePullSecrets'].includes(path));
    expect(given.sort()).toEqual([...new Set(asked)].sort());
  });

  it('leaves no placeholder', () => {
    expect([...chart.values()].join('')).not.toContain('konductor-placeholder');
  });

  it('rejects an object that Helm would interpret', () => {
    const object = { kind: 'ConfigMap', metadata: { name: 'legend' }, data: { legend: '{{pod}}' } };
    expect(() => template([object])).toThrow('an object of the chart contains {{');
  });
});
