import { expect, it } from 'vitest';
import { Placeholders } from '../../../../cdk8s/src/shipped/helm/placeholders.ts';

const print = (build: (placeholders: Placeholders) => object) => {
  const placeholders = new Placeholders();
  return placeholders.print([build(placeholders)]);
};

it('prints expressions in the place of values', () => {
  expect(
    print((p) => ({ spec: { replicas: p.value('.Values.replicas'), resources: p.yaml('toYaml .Values.r') } })),
  ).toBe('spec:\n  replicas: {{ .Values.replicas }}\n  resources: {{- toYaml .Values.r | nindent 4 }}\n');
});

it('prints a field only if its value is there', () => {
  expect(print((p) => ({ spec: { a: p.optional('.Values.a'), b: p.when('.Values.b', '1') } }))).toBe(
    'spec:\n{{- with .Values.a }}\n  a: {{- toYaml . | nindent 4 }}\n{{- end }}\n{{- if .Values.b }}\n  b: 1\n{{- end }}\n',
  );
});

it('prints items of lists', () => {
  expect(print((p) => ({ args: ['--a', p.item('.Values.b', '--b={{ . }}'), p.items('.Values.more')] }))).toBe(
    'args:\n  - --a\n{{- with .Values.b }}\n  - --b={{ . }}\n{{- end }}\n{{- with .Values.more }}\n{{- toYaml . | nindent 2 }}\n{{- end }}\n',
  );
});

it('leaves the braces of other templates, such as those of alerts, to their programs', () => {
  expect(print(() => ({ legend: '{{pod}}' }))).toBe('legend: "{{ "{{" }}pod}}"\n');
});
