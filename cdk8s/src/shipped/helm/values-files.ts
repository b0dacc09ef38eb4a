// What is written from the declared values: values.yaml, values.schema.json and the table of the README.
import { Yaml } from 'cdk8s';
import { type Group, isGroup, type Schema, type Value, type Values } from './declaration.ts';

const WIDTH = 120;

/** The text of values.yaml. */
export function valuesYaml({ values }: Group, indentation = ''): string {
  const texts = Object.entries(values).map(([name, value]) => yamlOf(name, value, indentation));
  return texts.filter((text) => text !== '').join(indentation === '' ? '\n' : '');
}

function yamlOf(name: string, value: Value | Group, indentation: string): string {
  const about = comment(value.description, indentation);
  if (isGroup(value)) return `${about}${indentation}${name}:\n${valuesYaml(value, `${indentation}  `)}`;
  if (value.initial === undefined) return '';
  const lines = Yaml.stringify({ [name]: value.initial })
    .trimEnd()
    .split('\n');
  return `${about}${lines.map((line) => `${indentation}${line}\n`).join('')}`;
}

/** The description, without the marks of Markdown. */
function comment(description: string, indentation: string): string {
  const lines = [''];
  for (const word of description.replaceAll(/[`*]/g, '').split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (`${indentation}#${line}`.length > WIDTH) lines.push(` ${word}`);
    else lines[lines.length - 1] = line;
  }
  return description === '' ? '' : lines.map((line) => `${indentation}#${line}\n`).join('');
}

/** The content of values.schema.json: unknown values are rejected rather than ignored. */
export function valuesSchema(root: Group): Schema {
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schemaOf(root) };
}

function schemaOf(value: Value | Group): Schema {
  const { description, schema } = value;
  const about = description === '' ? {} : { description };
  if (!isGroup(value)) return { ...about, ...schema };
  const properties = Object.fromEntries(Object.entries(value.values).map(([name, inner]) => [name, schemaOf(inner)]));
  return { ...about, type: 'object', additionalProperties: false, ...schema, properties };
}

/** The rows of the README's table, in the order of values.yaml. */
export function valuesTable({ values }: Group): string {
  return rowsOf(values, '').join('');
}

function rowsOf(values: Values, prefix: string): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    if (!isGroup(value)) return [`| \`${path}\` | ${shown(value.initial)} | ${value.description} |\n`];
    const about = value.description === '' ? [] : [`| \`${path}\` | | ${value.description} |\n`];
    return [...about, ...rowsOf(value.values, `${path}.`)];
  });
}

const shown = (initial: unknown) =>
  initial === undefined || initial === '' ? '' : `\`${JSON.stringify(initial).replaceAll(/^"|"$/g, '')}\``;
