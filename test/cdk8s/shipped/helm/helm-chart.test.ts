import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { synthesizeHelmChart } from '../../../../cdk8s/src/shipped/helm/chart.ts';
import { type Group, isGroup, type Value } from '../../../../cdk8s/src/shipped/helm/declaration.ts';
import { values } from '../../../../cdk8s/src/shipped/helm/values.ts';

const chart = synthesizeHelmChart();
const textOf = (path: string) => chart.get(path) ?? '';

/** Every declared value by its path, such as `image.tag`. */
function declared({ values }: Group, prefix = ''): [string, Value][] {
  return Object.entries(values).flatMap(([name, value]) =>
    isGroup(value) ? declared(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value] as [string, Value]],
  );
}

const paths = declared(values);

describe('the values of the Helm chart', () => {
  it('are used by the templates, except those of parent charts', () => {
    const templates = [...chart].filter(([path]) => path.startsWith('templates/')).map(([, text]) => text);
    const used = new Set([...templates.join('').matchAll(/\.Values\)?\.(\w+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(
      Object.keys(values.values)
        .filter((name) => !['enabled', 'tags'].includes(name))
        .sort(),
    );
  });

  it('have their defaults in values.yaml, in the order of the declaration', () => {
    const initial = parse(textOf('values.yaml'));
    for (const [path, { initial: expected }] of paths) {
      const found = path.split('.').reduce((value, name) => value?.[name], initial);
      expect([path, found]).toEqual([path, expected]);
    }
    expect(Object.keys(initial)).toEqual(Object.keys(values.values).filter((name) => initial[name] !== undefined));
  });

  it('are all in the table of the README', () => {
    for (const [path, { description }] of paths) {
      const row = textOf('README.md')
        .split('\n')
        .find((line) => line.startsWith(`| \`${path}\` |`));
      expect([path, row]).toEqual([path, expect.stringContaining(description)]);
    }
  });

  it('have a schema that accepts the defaults', () => {
    const check = new Ajv({ strict: false }).compile(parse(textOf('values.schema.json')));
    expect([check(parse(textOf('values.yaml'))), check.errors]).toEqual([true, null]);
  });
});

describe('the Helm chart', () => {
  it('leaves no placeholder', () => {
    const text = [...chart.values()].join('');
    expect(text).not.toContain('konductor-placeholder');
    expect(text).not.toContain('filled-in-by-helm');
  });

  it('describes itself to Artifact Hub with YAML', () => {
    const { annotations } = parse(textOf('Chart.yaml'));
    for (const name of ['changes', 'crds', 'crdsExamples', 'images', 'links', 'recommendations'])
      expect([name, parse(annotations[`artifacthub.io/${name}`])]).toEqual([name, expect.any(Array)]);
  });
});
