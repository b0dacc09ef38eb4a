// Reads Prometheus' text format, and checks it as promtool does.
// https://prometheus.io/docs/instrumenting/exposition_formats/

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The value of one time series; the order of labels means nothing. Undefined when there is none. */
export function sample(text: string, name: string, labels: string): number | undefined {
  const wanted = canonical(labels);
  const found = samples(text).find((one) => one.name === name && canonical(one.labels) === wanted);
  return found && Number(found.value);
}

/** The names of the labels of each family; of a histogram that has seen nothing yet, none. */
export function sampleLabels(text: string): ReadonlyMap<string, readonly string[]> {
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']): [string, string[]] => [name, []]);
  const seen = samples(text).map(({ name, labels }): [string, string[]] => [
    name,
    [...labels.matchAll(LABEL)].map(([, label = '']) => label),
  ]);
  return new Map([...families, ...seen]);
}

/** What promtool would complain of: https://prometheus.io/docs/practices/naming/. */
export function lintMetrics(text: string): string[] {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const helps = new Set([...text.matchAll(/^# HELP (\S+) \S.*$/gm)].map(([, name]) => name));
  const families = [...types].flatMap(([name, type]) => familyProblems(name, type, helps.has(name)));
  const strays = samples(text)
    .map(({ name }) => name)
    .filter((name) => !types.has(name) && !types.has(name.replace(/_(bucket|sum|count)$/, '')));
  return [...families, ...new Set(strays.map((name) => `${name} has no TYPE`))];
}

function familyProblems(name: string, type: string, hasHelp: boolean): string[] {
  const isTotal = name.endsWith('_total');
  return [
    ...(hasHelp ? [] : [`${name} has no HELP`]),
    ...(type === 'counter' && !isTotal ? [`${name} is a counter and does not end in _total`] : []),
    ...(type !== 'counter' && isTotal ? [`${name} ends in _total and is no counter`] : []),
    ...(/_(milliseconds|minutes|hours|kilobytes|megabytes|percent)(_|$)/.test(name)
      ? [`${name} has no base unit`]
      : []),
  ];
}

function samples(text: string) {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const { name = line, labels = '', value = 'NaN' } = SAMPLE.exec(line)?.groups ?? {};
      return { name, labels, value };
    });
}

function canonical(labels: string): string {
  return [...labels.matchAll(LABEL)]
    .map(([label]) => label)
    .sort()
    .join();
}
