// docs/reference/operator.md: the flags of konductor-operator.
import { operatorProgram } from '@konductor/operator';
import { optionsTable } from './command.ts';
import { page, prose, table } from './markdown.ts';

const ABOUT = `The command line of the operator, as \`konductor-operator --help\` shows it. [Running the operator](../guides/operator.md) explains how to use it,
[Metrics](metrics.md) what it reports, and [Events](events.md) what it emits.`;

export function operatorPage(): string {
  const program = operatorProgram();
  const flags = optionsTable(program.createHelp().visibleOptions(program));
  const body = `## Flags

${prose(program.description())}

${table(['flag', 'meaning', 'default'], flags)}

Durations are numbers with the units \`h\`, \`m\`, \`s\` and \`ms\`, such as \`15s\`.

## Exit codes

| code | meaning |
|---|---|
| \`0\` | a graceful shutdown after SIGTERM or SIGINT, or the help, the version or the licenses were printed |
| \`1\` | wrong usage, or an error that it cannot retry, such as a lost lease or a port in use; the last line of stderr says which |
| \`130\`, \`143\` | a second SIGINT or SIGTERM, which ends a graceful shutdown at once |`;
  return page({ title: 'konductor-operator', origin: "the operator's command line", about: ABOUT, body });
}
